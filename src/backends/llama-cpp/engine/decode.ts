// Decodes token by token; where an answer is continued, its first tokens must begin with the text that is already there.
import { LlamaGrammarEvaluationState } from 'node-llama-cpp'
import type { LlamaContextSequence, SequenceEvaluateOptions, Token } from 'node-llama-cpp'

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
}

/**
 * The tokens after `first`. While `tail` is not passed, a grammar lets only tokens through that go on with it; the
 * reader takes the tail off between two tokens.
 */
export async function* decode(sequence: LlamaContextSequence, first: Token, sampling: SequenceEvaluateOptions, text: string, tail: Tail): AsyncGenerator<Token, void> {
  let last = first
  if (!tail.isPassed) {
    const grammar = await sequence.model.llama.createGrammar({ grammar: `root ::= ${literal(text)} .*` })
    const grammarEvaluationState = new LlamaGrammarEvaluationState({ model: sequence.model, grammar })
    for await (const token of sequence.evaluate([last], { ...sampling, grammarEvaluationState })) {
      last = token
      yield token
      if (tail.isPassed) break
    }
  }
  yield* sequence.evaluate([last], sampling)
}

/** A text as a literal of llama.cpp's grammar language. */
function literal(text: string): string {
  const escaped = text.replace(/["\\]/g, '\\$&').replace(/\p{Cc}/gu, (control) => `\\x${control.charCodeAt(0).toString(16).padStart(2, '0')}`)
  return `"${escaped}"`
}
