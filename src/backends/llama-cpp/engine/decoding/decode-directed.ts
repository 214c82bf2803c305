// Decodes an answer that is directed: by a grammar, by tokens put in between, and by text that it must begin with.
import { TokenBias } from 'node-llama-cpp'
import type { LlamaModel, Token } from 'node-llama-cpp'
import type { DirectedAnswer } from '../answer/directed-answer.ts'
import type { Batcher } from '../batching/batcher.ts'
import type { Slot } from '../slots.ts'
import type { TakeToken } from './decode.ts'
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

/** Takes the tokens after `first`, inserted and given ones too, until no more are wanted. `take` pushes each into the answer. */
export async function decodeDirected(input: DirectedDecodeInput, take: TakeToken): Promise<void> {
  const { slot, batcher, first, sampling, answer, tail } = input
  const { model } = slot.sequence
  slot.sampler.begin(sampling)
  const given = [...input.given]
  const tailGrammar = tail.isPassed || given.length > 0 ? undefined : await tail.grammar(model)
  const grammar = () => tail.isPassed || tailGrammar === undefined ? answer.grammar() : tailGrammar
  const inserted = answer.takeInsertion()
  if (!inserted.every(take)) return
  const direct = () => {
    const [forced] = given
    slot.sampler.change({ ...sampling, grammarEvaluationState: grammar, ...forced !== undefined && { tokenBias: new TokenBias(model.tokenizer).set(forced, certain) } })
  }
  direct()
  await batcher.decode(slot, [...first, ...inserted], (token) => {
    const next = follow({ model, answer, given, take }, token)
    if (next !== undefined) direct()
    return next
  })
}

type Follow = {
  readonly model: LlamaModel
  readonly answer: DirectedAnswer
  /** Emptied as they are decoded. */
  readonly given: Token[]
  readonly take: TakeToken
}

/** @returns what is to be evaluated after a drawn token; undefined at the end */
function follow({ model, answer, given, take }: Follow, token: Token): readonly Token[] | undefined {
  const isEnd = model.isEogToken(token)
  if (isEnd && given.length === 0) return insert(answer.takeInsertionAtEnd(), take)
  if (isEnd || given.length > 0 && token !== given[0]) {
    // The grammar would have it otherwise than the given text.
    answer.dropGrammar()
    return insert(given.splice(0), take)
  }
  given.shift()
  if (!take(token)) return undefined
  const inserted = answer.takeInsertion()
  return inserted.every(take) ? [token, ...inserted] : undefined
}

function insert(tokens: readonly Token[], take: TakeToken): readonly Token[] | undefined {
  return tokens.length > 0 && tokens.every(take) ? tokens : undefined
}
