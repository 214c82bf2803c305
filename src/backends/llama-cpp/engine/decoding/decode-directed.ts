// Decodes an answer that is directed: by a grammar, by tokens put in between, and by text that it must begin with.
import { TokenBias } from 'node-llama-cpp'
import type { LlamaGrammarEvaluationState, Token } from 'node-llama-cpp'
import type { DirectedAnswer } from '../answer/directed-answer.ts'
import type { Batcher } from '../batching/batcher.ts'
import type { Slot } from '../slots.ts'
import type { Sampling } from './sampling.ts'
import type { Tail } from './tail.ts'

/** More than any logit. */
const certain = { logit: 1e6 }

export type DirectedDecodeInput = {
  readonly slot: Slot
  readonly batcher: Batcher
  /** The end of the prompt, not evaluated yet. */
  readonly first: readonly Token[]
  readonly sampling: Sampling
  readonly answer: DirectedAnswer
  readonly tail: Tail
  /** Tokens of given text that are decoded, so that the grammar goes with them. */
  readonly given: readonly Token[]
}

/** The tokens after `first`, inserted and given ones too. Its reader pushes each into the answer before it asks for the next. */
export async function* decodeDirected(input: DirectedDecodeInput): AsyncGenerator<Token, void> {
  const { slot, first, sampling, answer, tail } = input
  slot.sampler.begin(sampling)
  const given = [...input.given]
  const tailGrammar = tail.isPassed || given.length > 0 ? undefined : await tail.grammar(slot.sequence.model)
  const grammar = () => tail.isPassed || tailGrammar === undefined ? answer.grammar() : tailGrammar
  const inserted = answer.takeInsertion()
  yield* inserted
  let next: readonly Token[] | undefined = [...first, ...inserted]
  while (next !== undefined) next = yield* decodeUntilInsertion(input, { tokens: next, given, grammar })
}

type Stretch = {
  /** The last token before it, and what was inserted. */
  readonly tokens: readonly Token[]
  /** Emptied as they are decoded. */
  readonly given: Token[]
  readonly grammar: () => LlamaGrammarEvaluationState | undefined
}

/** @returns what is to be evaluated next; undefined at the end */
async function* decodeUntilInsertion({ slot, batcher, sampling, answer }: DirectedDecodeInput, { tokens, given, grammar }: Stretch): AsyncGenerator<Token, readonly Token[] | undefined> {
  const { model } = slot.sequence
  let next = tokens
  for (;;) {
    const [forced] = given
    slot.sampler.change({ ...sampling, grammarEvaluationState: grammar, ...forced !== undefined && { tokenBias: new TokenBias(model.tokenizer).set(forced, certain) } })
    const token = await batcher.sample(slot, next)
    slot.phase = 'decoding'
    if (model.isEogToken(token)) break
    if (forced !== undefined && token !== forced) {
      answer.dropGrammar()
      const rest = given.splice(0)
      yield* rest
      return rest
    }
    given.shift()
    yield token
    const inserted = answer.takeInsertion()
    yield* inserted
    if (inserted.length > 0) return [token, ...inserted]
    next = [token]
  }
  // The grammar would have ended where the given text goes on.
  if (given.length > 0) answer.dropGrammar()
  const rest = given.length > 0 ? given.splice(0) : answer.takeInsertionAtEnd()
  yield* rest
  return rest.length > 0 ? rest : undefined
}
