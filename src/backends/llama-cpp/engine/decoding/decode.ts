// Decodes token by token, or several at once where the text so far lets them be guessed.
import type { LlamaContextSequence, Token } from 'node-llama-cpp'
import type { Batcher } from '../batching/batcher.ts'
import type { Slot } from '../slots.ts'
import type { GuessCost } from './guess-cost.ts'
import type { PromptLookup } from './lookup.ts'
import type { Sampling } from './sampling.ts'
import type { Tail } from './tail.ts'

/** Takes each token of an answer. False: no more are wanted. */
export type TakeToken = (token: Token) => boolean

export type DecodeInput = {
  readonly slot: Slot
  readonly batcher: Batcher
  /** The end of the prompt, not evaluated yet. */
  readonly first: readonly Token[]
  readonly sampling: Sampling
  /** Undefined: nothing is guessed. */
  readonly lookup: PromptLookup | undefined
  readonly guessCost: GuessCost
  /** False while other slots evaluate too: then guesses would cost them more than they gain here. */
  readonly isAlone: () => boolean
}

/** Takes the tokens after `first`, until no more are wanted: at the model's end of generation, too. */
export async function decode({ lookup, ...input }: DecodeInput, take: TakeToken): Promise<void> {
  input.slot.sampler.begin(input.sampling)
  if (lookup === undefined) await input.batcher.decode(input.slot, input.first, (token) => take(token) ? [token] : undefined)
  else await decodeGuessing({ ...input, times: { lastAt: performance.now() } }, lookup, take)
}

/**
 * Until the tail is passed, a grammar lets only tokens through that go on with it.
 * @returns what is to be evaluated next; undefined when no more are wanted
 */
export async function decodeTail({ slot, batcher, first, sampling }: DecodeInput, tail: Tail, take: TakeToken): Promise<readonly Token[] | undefined> {
  slot.sampler.begin({ ...sampling, grammarEvaluationState: await tail.grammar(slot.sequence.model) })
  let next: readonly Token[] | undefined
  await batcher.decode(slot, first, (token) => {
    next = take(token) ? [token] : undefined
    return tail.isPassed ? undefined : next
  })
  return next
}

/** `lastAt`: when the last token was known. A step takes from there, so that what leads over to guesses and back counts, too. */
type GuessInput = Omit<DecodeInput, 'lookup'> & { readonly times: { lastAt: number } }

async function decodeGuessing(input: GuessInput, lookup: PromptLookup, take: TakeToken): Promise<void> {
  let next: Token | undefined = await decodeUntilGuess(input, lookup, take)
  while (next !== undefined) {
    const last = await decodeGuesses(input, next, { lookup, take })
    next = last === undefined ? undefined : await decodeUntilGuess({ ...input, first: [last] }, lookup, take)
  }
}

/** One by one. @returns the last token when there is something to guess after it */
async function decodeUntilGuess({ slot, batcher, first, guessCost, isAlone, times }: GuessInput, lookup: PromptLookup, take: TakeToken): Promise<Token | undefined> {
  let last: Token | undefined
  let isPlain = false
  await batcher.decode(slot, first, (token) => {
    const now = performance.now()
    if (isPlain && isAlone()) guessCost.notePlainStep(now - times.lastAt)
    times.lastAt = now
    lookup.push(token)
    if (!take(token)) return undefined
    if (isAlone() && lookup.guess(roomFor(slot.sequence)).length > 0) {
      last = token
      return undefined
    }
    isPlain = true
    return [token]
  })
  return last
}

/** Steps with guesses, as long as there are some. @returns the last token, if more are wanted */
async function decodeGuesses({ slot, batcher, guessCost, isAlone, times }: GuessInput, from: Token, { lookup, take }: { lookup: PromptLookup, take: TakeToken }): Promise<Token | undefined> {
  let last = from
  while (isAlone()) {
    const guessed = lookup.guess(roomFor(slot.sequence))
    if (guessed.length === 0) break
    const said = await evaluateGuesses({ slot, batcher }, last, guessed)
    const now = performance.now()
    guessCost.noteGuessedStep(guessed.length, now - times.lastAt)
    times.lastAt = now
    for (const token of said) {
      lookup.push(token)
      if (!take(token)) return undefined
    }
    last = said.at(-1)!
  }
  return last
}

/**
 * Evaluates `last` and the guesses in one batch, and takes back from the sequence what was guessed wrong.
 * @returns what the model says: the right guesses and one token more
 */
async function evaluateGuesses({ slot, batcher }: Pick<DecodeInput, 'slot' | 'batcher'>, last: Token, guessed: readonly Token[]): Promise<readonly Token[]> {
  const { sequence } = slot
  const start = sequence.nextTokenIndex
  const said = await batcher.sampleEach(slot, [last, ...guessed])
  const wrong = guessed.findIndex((token, index) => said[index] !== token)
  const right = wrong === -1 ? guessed.length : wrong
  if (right < guessed.length) await batcher.change(() => sequence.eraseContextTokenRanges([{ start: start + 1 + right, end: sequence.nextTokenIndex }]))
  return said.slice(0, right + 1)
}

/** Guesses that fit: past the context's end llama.cpp refuses them. */
function roomFor({ contextSize, nextTokenIndex }: LlamaContextSequence): number {
  return Math.max(0, contextSize - 3 - nextTokenIndex)
}
