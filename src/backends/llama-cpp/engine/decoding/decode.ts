// Decodes token by token, or several at once where the text so far lets them be guessed.
import type { LlamaContextSequence, LlamaGrammarEvaluationState, Token } from 'node-llama-cpp'
import type { Batcher } from '../batching/batcher.ts'
import type { Slot } from '../slots.ts'
import type { PromptLookup } from './lookup.ts'
import type { Sampling } from './sampling.ts'

export type DecodeInput = {
  readonly slot: Slot
  readonly batcher: Batcher
  /** The end of the prompt, not evaluated yet. */
  readonly first: readonly Token[]
  readonly sampling: Sampling
  /** Undefined: nothing is guessed. */
  readonly lookup: PromptLookup | undefined
  /** False while other slots evaluate too: then guesses would cost them more than they gain here. */
  readonly isAlone: () => boolean
}

/** The tokens after `first`. Its reader leaves at the model's end of generation. */
export function decode({ lookup, ...input }: DecodeInput): AsyncGenerator<Token, void> {
  input.slot.sampler.begin(input.sampling)
  return lookup === undefined ? decodeOneByOne(input) : decodeGuessing(input, lookup)
}

/** While `grammar` allows it; for the first tokens of an answer that must go on with a given text. */
export function decodeWithGrammar({ sampling, ...input }: Omit<DecodeInput, 'lookup'>, grammarEvaluationState: LlamaGrammarEvaluationState): AsyncGenerator<Token, void> {
  input.slot.sampler.begin({ ...sampling, grammarEvaluationState })
  return decodeOneByOne(input)
}

type GuessInput = Omit<DecodeInput, 'lookup'>

async function* decodeGuessing(input: GuessInput, lookup: PromptLookup): AsyncGenerator<Token, void> {
  let next = input.first
  for (;;) {
    const last = yield* decodeUntilGuess(input, next, lookup)
    next = [yield* decodeGuesses(input, last, lookup)]
  }
}

async function* decodeOneByOne({ first, ...input }: Pick<DecodeInput, 'slot' | 'batcher' | 'first'>): AsyncGenerator<Token, void> {
  let next = first
  for (;;) {
    const token = await decodeNext(input, next)
    yield token
    next = [token]
  }
}

async function decodeNext({ slot, batcher }: Pick<DecodeInput, 'slot' | 'batcher'>, tokens: readonly Token[]): Promise<Token> {
  const token = await batcher.sample(slot, tokens)
  slot.phase = 'decoding'
  return token
}

/** One by one. @returns the last token when there is something to guess after it */
async function* decodeUntilGuess({ isAlone, ...input }: GuessInput, first: readonly Token[], lookup: PromptLookup): AsyncGenerator<Token, Token> {
  let next = first
  for (;;) {
    const startedAt = performance.now()
    const token = await decodeNext(input, next)
    if (isAlone() && next.length === 1) lookup.notePlainStep(performance.now() - startedAt)
    lookup.push(token)
    yield token
    if (isAlone() && lookup.guess(roomFor(input.slot.sequence)).length > 0) return token
    next = [token]
  }
}

/** Steps with guesses, as long as there are some. @returns the last token */
async function* decodeGuesses({ slot, batcher, isAlone }: GuessInput, from: Token, lookup: PromptLookup): AsyncGenerator<Token, Token> {
  let last = from
  while (isAlone()) {
    const guessed = lookup.guess(roomFor(slot.sequence))
    if (guessed.length === 0) break
    const startedAt = performance.now()
    const said = await evaluateGuesses({ slot, batcher }, last, guessed)
    lookup.noteGuessedStep({ guessed: guessed.length, right: said.length - 1, ms: performance.now() - startedAt })
    for (const token of said) {
      lookup.push(token)
      yield token
    }
    last = said.at(-1)!
  }
  return last
}

/**
 * Evaluates `last` and the guesses in one batch, and takes back from the sequence what was guessed wrong.
 * @returns what the model says: the right guesses and one token more
 */
async function evaluateGuesses({ slot, batcher }: Pick<DecodeInput, 'slot' | 'batcher'>, last: Token, guessed: readonly Token[]): Promise<Token[]> {
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
