// What a step with guesses costs beside one without: it depends on the machine and the model, and is measured as they go.

const weight = 0.3
/** Of a step's time, for each guess, before any was measured. */
const firstShare = 0.2

/** The times of steps of one engine, over all its generations. */
export class GuessCost {
  #plainMs: number | undefined
  #share = firstShare

  /** A token took this long without guesses. */
  notePlainStep(ms: number): void {
    this.#plainMs = this.#plainMs === undefined ? ms : this.#plainMs + (ms - this.#plainMs) * weight
  }

  /** A step with so many guesses took this long, with all that came of wrong ones. */
  noteGuessedStep(guesses: number, ms: number): void {
    if (this.#plainMs === undefined) return
    this.#share += (Math.max(0, ms / this.#plainMs - 1) / guesses - this.#share) * weight
  }

  /** The time of a step with so many guesses, in steps without; infinite before one was measured. */
  of(guesses: number): number {
    return this.#plainMs === undefined ? Infinity : 1 + guesses * this.#share
  }
}
