// Decodes token by token, or several at once where the text so far lets them be guessed.
import type { ControlledEvaluateInputItem, LlamaContextSequence, LlamaGrammarEvaluationState, Token } from 'node-llama-cpp'
import { evaluationPriorityOf } from '../batching/batching.ts'
import type { Slot } from '../slots.ts'
import type { PromptLookup } from './lookup.ts'
import type { Sampling } from './sampling.ts'

export type DecodeInput = {
  readonly slot: Slot
  /** The last token of the prompt, not evaluated yet. */
  readonly first: Token
  readonly sampling: Sampling
  /** Undefined: nothing is guessed. */
  readonly lookup: PromptLookup | undefined
  /** False while other slots evaluate too: then guesses would cost them more than they gain here. */
  readonly isAlone: () => boolean
}

/** The tokens after `first`, up to and without the model's end of generation. */
export async function* decode({ lookup, ...input }: DecodeInput): AsyncGenerator<Token, void> {
  if (lookup === undefined) return yield* evaluate(input.slot, input.first, input.sampling)
  let last: Token | undefined = input.first
  while (last !== undefined) {
    last = yield* decodeUntilGuess(input, last, lookup)
    if (last !== undefined) last = yield* decodeGuesses(input, last, lookup)
  }
}

/** While `grammar` allows it; for the first tokens of an answer that must go on with a given text. */
export function decodeWithGrammar({ slot, first, sampling }: DecodeInput, grammarEvaluationState: LlamaGrammarEvaluationState): AsyncGenerator<Token, void> {
  return slot.sequence.evaluate([first], { ...sampling, grammarEvaluationState, evaluationPriority: evaluationPriorityOf(slot) })
}

function evaluate(slot: Slot, token: Token, sampling: Sampling): AsyncGenerator<Token, void> {
  return slot.sequence.evaluate([token], { ...sampling, evaluationPriority: evaluationPriorityOf(slot) })
}

type GuessInput = Omit<DecodeInput, 'lookup'>

/** One by one. @returns the last token when there is something to guess after it; undefined at the end */
async function* decodeUntilGuess({ slot, sampling, isAlone }: GuessInput, from: Token, lookup: PromptLookup): AsyncGenerator<Token, Token | undefined> {
  let startedAt = performance.now()
  for await (const token of evaluate(slot, from, sampling)) {
    if (isAlone()) lookup.notePlainStep(performance.now() - startedAt)
    lookup.push(token)
    yield token
    if (isAlone() && lookup.guess(roomFor(slot.sequence)).length > 0) return token
    startedAt = performance.now()
  }
  return undefined
}

/** Steps with guesses, as long as there are some. @returns the last token; undefined at the end */
async function* decodeGuesses({ slot, sampling, isAlone }: GuessInput, from: Token, lookup: PromptLookup): AsyncGenerator<Token, Token | undefined> {
  let last = from
  while (isAlone()) {
    const guessed = lookup.guess(roomFor(slot.sequence))
    if (guessed.length === 0) break
    const startedAt = performance.now()
    const said = await evaluateGuesses(slot, last, guessed, sampling)
    lookup.noteGuessedStep({ guessed: guessed.length, right: said.length - 1, ms: performance.now() - startedAt })
    for (const token of said) {
      if (slot.sequence.model.isEogToken(token)) return undefined
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
async function evaluateGuesses(slot: Slot, last: Token, guessed: readonly Token[], { temperature, topK, topP }: Sampling): Promise<Token[]> {
  const { sequence } = slot
  const start = sequence.nextTokenIndex
  const input = [last, ...guessed].map((token): ControlledEvaluateInputItem => [token, { generateNext: { token: true, options: { temperature, topK, topP, seed: newSeed() } } }])
  const output = await sequence.controlledEvaluate(input, { evaluationPriority: evaluationPriorityOf(slot) })
  const said = output.map((item) => item!.next.token!)
  const wrong = guessed.findIndex((token, index) => said[index] !== token)
  const right = wrong === -1 ? guessed.length : wrong
  if (right < guessed.length) await sequence.eraseContextTokenRanges([{ start: start + 1 + right, end: sequence.nextTokenIndex }])
  return said.slice(0, right + 1)
}

/** Guesses that fit: past the context's end its oldest tokens would be dropped. */
function roomFor({ contextSize, nextTokenIndex }: LlamaContextSequence): number {
  return Math.max(0, contextSize - 3 - nextTokenIndex)
}

/** Each position of a batch draws for itself. */
function newSeed(): number {
  return Math.floor(Math.random() * (2 ** 32 - 1))
}
