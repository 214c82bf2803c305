// Prompt lookup: where the last tokens stood before, what followed them then is a good guess of what follows now.
// Copying a name, a line of code or the keys of a JSON object, a model repeats its prompt token by token.
import type { Token } from 'node-llama-cpp'
import type { GuessCost } from './guess-cost.ts'

/** Tokens in a row that must have occurred before. Fewer match by chance. */
const matchLength = 3
const mostGuesses = 8
/** A step with guesses must be expected to make decoding this much faster. */
const leastGain = 1.15
/** How likely a guess is right before any was compared, and the weight of the latest comparison. */
const firstTrust = 0.4
const weight = 0.3
/** Larger than any vocabulary. Three tokens make one number; two that make the same one cost a wrong guess. */
const radix = 2 ** 18

/**
 * The tokens so far, and whether guessing pays. One for each generation. Each token is compared with what would have been
 * guessed, also where nothing was: so it is known what guesses are worth before one is evaluated.
 */
export class PromptLookup {
  readonly #cost: GuessCost
  readonly #tokens: Token[] = []
  /** Where the token stands that followed three in a row the last time. */
  readonly #followers = new Map<number, number>()
  /** Where the token stands that is the guess for the next one. */
  #next: number | undefined
  #trust = firstTrust

  /**
   * @param tokens of the prompt
   * @param cost what steps take in this engine
   */
  constructor(tokens: readonly Token[], cost: GuessCost) {
    this.#cost = cost
    for (const token of tokens) this.#remember(token)
  }

  /** The next token of the answer. */
  push(token: Token): void {
    if (this.#next !== undefined) this.#trust += ((this.#tokens[this.#next] === token ? 1 : 0) - this.#trust) * weight
    this.#remember(token)
  }

  /** What may come next, at most `most` tokens; empty when nothing is known or guessing does not pay. */
  guess(most: number): Token[] {
    if (this.#next === undefined) return []
    const count = this.#bestCount(Math.min(most, mostGuesses, this.#tokens.length - this.#next))
    return this.#tokens.slice(this.#next, this.#next + count)
  }

  #remember(token: Token): void {
    const end = this.#tokens.push(token)
    if (end <= matchLength) return
    this.#followers.set(this.#keyBefore(end - 1), end - 1)
    this.#next = this.#followers.get(this.#keyBefore(end))
  }

  /** The number of guesses with the largest gain; 0 when none is large enough. */
  #bestCount(most: number): number {
    let best = { count: 0, gain: leastGain }
    let expected = 1
    for (let count = 1, likely = this.#trust; count <= most; count++, likely *= this.#trust) {
      expected += likely
      const gain = expected / this.#cost.of(count)
      if (gain >= best.gain) best = { count, gain }
    }
    return best.count
  }

  #keyBefore(index: number): number {
    let key = 0
    for (let at = index - matchLength; at < index; at++) key = key * radix + this.#tokens[at]!
    return key
  }
}
