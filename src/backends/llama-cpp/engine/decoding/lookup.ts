// Prompt lookup: where the last tokens stood before, what followed them then is a good guess of what follows now.
// Copying a name, a line of code or the keys of a JSON object, a model repeats its prompt token by token.
import type { Token } from 'node-llama-cpp'

/** Tokens in a row that must have occurred before. Fewer match by chance. */
const matchLength = 3
/** Guesses of one step, at first and at most. */
const guesses = { first: 4, most: 8 }
/** Guesses must have made decoding this much faster lately. */
const leastGain = 1.1
/** Tokens without guessing after guesses that did not pay; doubled each time, up to the most. */
const pause = { first: 16, most: 512 }
const weight = 0.3

/** The tokens so far, and whether guessing pays. One for each generation. */
export class PromptLookup {
  readonly #tokens: Token[] = []
  /** Where the token stands that followed three in a row the last time. */
  readonly #followers = new Map<string, number>()
  #length = guesses.first
  #pause = pause.first
  #sleepUntil = 0
  #plainMs: number | undefined
  #gain: number | undefined

  /** @param tokens of the prompt */
  constructor(tokens: readonly Token[]) {
    for (const token of tokens) this.push(token)
  }

  push(token: Token): void {
    const index = this.#tokens.push(token) - 1
    if (index >= matchLength) this.#followers.set(this.#keyBefore(index), index)
  }

  /** What may come next, at most `most` tokens; empty when nothing is known or guessing does not pay. */
  guess(most: number): Token[] {
    const end = this.#tokens.length
    if (end < Math.max(matchLength, this.#sleepUntil) || this.#plainMs === undefined) return []
    const start = this.#followers.get(this.#keyBefore(end))
    return start === undefined ? [] : this.#tokens.slice(start, start + Math.min(this.#length, most))
  }

  /** A token took this long without guessing. */
  notePlainStep(ms: number): void {
    this.#plainMs = average(this.#plainMs, ms)
  }

  /** Of the guesses of one step so many were right, and the step took this long. */
  noteGuessedStep({ guessed, right, ms }: { guessed: number, right: number, ms: number }): void {
    const gain = (right + 1) * (this.#plainMs ?? ms) / ms
    this.#gain = average(this.#gain, gain)
    this.#length = right === guessed ? Math.min(guesses.most, this.#length * 2) : Math.max(2, right + 1)
    if (this.#gain >= leastGain) this.#pause = pause.first
    else this.#sleep()
  }

  #sleep(): void {
    this.#sleepUntil = this.#tokens.length + this.#pause
    this.#pause = Math.min(pause.most, this.#pause * 2)
    this.#gain = undefined
    this.#length = guesses.first
  }

  #keyBefore(index: number): string {
    return this.#tokens.slice(index - matchLength, index).join()
  }
}

function average(known: number | undefined, latest: number): number {
  return known === undefined ? latest : known + (latest - known) * weight
}
