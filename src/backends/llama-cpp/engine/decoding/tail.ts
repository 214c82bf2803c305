// Where an answer is continued, its first tokens must begin with the end of the text that is already there.
import { LlamaGrammarEvaluationState } from 'node-llama-cpp'
import type { LlamaModel } from 'node-llama-cpp'
import { literal } from '../json-grammar/expression.ts'

/** Text that the answer must begin with and that is taken off again, because its reader has it already. */
export class Tail {
  #left: string

  constructor(text: string) {
    this.#left = text
  }

  get isPassed(): boolean {
    return this.#left === ''
  }

  /** `text` without what of the tail it still covers. */
  takeOff(text: string): string {
    const rest = text.slice(this.#left.length)
    this.#left = this.#left.slice(text.length)
    return rest
  }

  /** A grammar that lets only answers through that begin with what is left of the tail. */
  async grammar(model: LlamaModel): Promise<LlamaGrammarEvaluationState> {
    const grammar = await model.llama.createGrammar({ grammar: `root ::= ${literal(this.#left)} .*` })
    return new LlamaGrammarEvaluationState({ model, grammar })
  }
}
