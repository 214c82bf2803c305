// How long steps take, by the number of slots that decode in them.

/** How much the latest measurement counts. */
const weight = 0.2

type Known = { readonly ms: number, readonly steps: number }

/** Milliseconds of batches in which so many slots decode and nothing else is done. */
export class StepTimes {
  readonly #known: Known[] = []

  note(decoding: number, tookMs: number): void {
    const { ms, steps } = this.#known[decoding] ?? { ms: tookMs, steps: 0 }
    this.#known[decoding] = { ms: ms + (tookMs - ms) * weight, steps: steps + 1 }
  }

  /** Undefined: fewer than `leastSteps` were measured. */
  of(decoding: number, leastSteps: number): number | undefined {
    const known = this.#known[decoding]
    return known === undefined || known.steps < leastSteps ? undefined : known.ms
  }

  /** What is known of so many slots, or of the next smaller number, or of the next larger one. */
  near(decoding: number): number | undefined {
    const known = this.#known.slice(0, decoding + 1).findLast((value) => value !== undefined) ?? this.#known.find((value) => value !== undefined)
    return known?.ms
  }
}
