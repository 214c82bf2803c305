// Compiled grammars, kept for the requests that ask for the same again.
import { LlamaGrammarEvaluationState } from 'node-llama-cpp'
import type { LlamaGrammar, LlamaModel } from 'node-llama-cpp'

const remembered = 32

/** The grammars of one model. */
export class Grammars {
  readonly #model: LlamaModel
  /** Least recently used first. */
  readonly #compiled = new Map<string, LlamaGrammar>()

  constructor(model: LlamaModel) {
    this.#model = model
  }

  /** The state of an answer that has not begun. Throws what llama.cpp says of a text that is no grammar. */
  async begin(text: string): Promise<LlamaGrammarEvaluationState> {
    const grammar = this.#compiled.get(text) ?? await this.#model.llama.createGrammar({ grammar: text })
    this.#compiled.delete(text)
    this.#compiled.set(text, grammar)
    const [oldest] = this.#compiled.keys()
    if (this.#compiled.size > remembered) this.#compiled.delete(oldest!)
    return new LlamaGrammarEvaluationState({ model: this.#model, grammar })
  }
}
