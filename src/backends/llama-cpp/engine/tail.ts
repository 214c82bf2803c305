// Where an answer is continued, its first tokens must begin with the end of the text that is already there.
import { LlamaGrammarEvaluationState } from 'node-llama-cpp'
import type { LlamaModel } from 'node-llama-cpp'

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

/** A text as a literal of llama.cpp's grammar language. */
function literal(text: string): string {
  const escaped = text.replace(/["\\]/g, '\\$&').replace(/\p{Cc}/gu, (control) => `\\x${control.charCodeAt(0).toString(16).padStart(2, '0')}`)
  return `"${escaped}"`
}
