// Two slots that decode: together in one batch, or by turns, whatever is measured to be faster. llama.cpp multiplies a
// single sequence by other code than several, so that two together may take longer than one after the other; three and
// more were never seen to.
import type { Slot } from '../slots.ts'
import type { StepTimes } from './step-times.ts'

/** Steps that must have been measured of each kind. */
const leastSteps = 8
/** Two steps of one must be this much faster than one of two: each has its own JavaScript around it, too. */
const leastGain = 1.05
/** Of so many steps the first ones go together, so that it is noticed when that becomes faster. */
const period = { steps: 512, together: 8 }

/** Chooses for each batch. */
export class Pair {
  readonly #times: StepTimes
  #steps = 0
  #last: Slot | undefined

  constructor(times: StepTimes) {
    this.#times = times
  }

  /** @returns those that go into the next batch */
  choose<W extends { readonly slot: Slot }>(decoding: readonly W[]): readonly W[] {
    if (decoding.length !== 2 || !this.#isFasterApart() || this.#steps++ % period.steps < period.together) return decoding
    const next = decoding.find(({ slot }) => slot !== this.#last)!
    this.#last = next.slot
    return [next]
  }

  #isFasterApart(): boolean {
    const one = this.#times.of(1, leastSteps)
    const two = this.#times.of(2, leastSteps)
    return one !== undefined && two !== undefined && two > 2 * one * leastGain
  }
}
