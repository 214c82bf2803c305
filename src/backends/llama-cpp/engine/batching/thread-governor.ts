// Finds how many threads are fastest right now. llama.cpp's threads wait for one another by spinning: as soon as
// another program takes one of their cores, a step on all cores can take a hundred times as long as on fewer.

/** Weight of the latest measurement, and how far one may lie above the average before it is cut. */
const weight = 0.15
const mostRise = 8
/** Another number of threads must be this much faster to be taken. */
const hysteresis = 0.9
/** First pause between two tries of another number, and how often its loss a pause must be, so that tries cost three percent at most. */
const firstPauseMs = 500
const lossFactor = 30
const mostPauseMs = 60_000

export type GovernorOptions = {
  /** Threads at most, and at first. */
  most: number
  /** Sets the number for the batches to come. */
  apply: (threads: number) => void
  /** Milliseconds of a steady clock. */
  now: () => number
}

/** What is known of one number of threads for one kind of work; `ms` is for one token. */
type Known = { ms: number, triedAt: number, pauseMs: number }

/** What is known of one kind of work, by number of threads, and the number in use. */
type Work = { current: number, readonly known: Map<number, Known> }

/** Measures batches of the same kind against one another. */
export class ThreadGovernor {
  readonly #apply: (threads: number) => void
  readonly #now: () => number
  /** Ascending. */
  readonly #candidates: readonly number[]
  readonly #work = new Map<string, Work>()
  /** Where work of a kind not seen before begins. */
  #latest: number

  constructor({ most, apply, now }: GovernorOptions) {
    this.#apply = apply
    this.#now = now
    this.#candidates = candidatesUpTo(most)
    this.#latest = most
  }

  /** Chooses and applies the threads for the next batch of `kind`. @returns the number */
  choose(kind: string): number {
    const work = this.#work.get(kind) ?? { current: this.#latest, known: new Map() }
    this.#work.set(kind, work)
    const threads = this.#worthTrying(work) ?? work.current
    this.#apply(threads)
    return threads
  }

  /** A batch of `kind` with so many tokens took this long. */
  note(kind: string, threads: number, tookMs: number, tokens: number): void {
    const ms = tookMs / tokens
    const work = this.#work.get(kind)
    if (work === undefined) return
    const known = work.known.get(threads) ?? { ms, triedAt: 0, pauseMs: firstPauseMs }
    work.known.set(threads, known)
    known.triedAt = this.#now()
    if (threads === work.current) known.ms += (Math.min(ms, known.ms * mostRise) - known.ms) * weight
    else this.#noteTry(known, ms, (ms - work.known.get(work.current)!.ms) * tokens)
    this.#settle(work)
  }

  /** A neighbour of the current number that was never tried, or not for its pause. */
  #worthTrying({ current, known }: Work): number | undefined {
    if (!known.has(current)) return undefined
    return this.#neighbours(current).find((threads) => {
      const other = known.get(threads)
      return other === undefined || this.#now() - other.triedAt > other.pauseMs
    })
  }

  /** Nothing is fast by chance: one fast try counts whole, a slow one half. */
  #noteTry(known: Known, ms: number, lossMs: number): void {
    known.ms = Math.min(ms, (known.ms + ms) / 2)
    known.pauseMs = Math.max(Math.min(mostPauseMs, known.pauseMs * 2), lossMs * lossFactor)
  }

  #settle(work: Work): void {
    const currentMs = work.known.get(work.current)?.ms ?? Infinity
    const better = this.#neighbours(work.current).find((threads) => (work.known.get(threads)?.ms ?? Infinity) < currentMs * hysteresis)
    if (better === undefined) return
    Object.assign(work.known.get(work.current) ?? {}, { pauseMs: firstPauseMs, triedAt: this.#now() })
    work.current = better
    this.#latest = better
  }

  #neighbours(threads: number): number[] {
    const index = this.#candidates.indexOf(threads)
    return [this.#candidates[index + 1], this.#candidates[index - 1]].filter((candidate) => candidate !== undefined)
  }
}

/** 1, 2, 4 … and the two largest: beside one busy program one thread less is best. */
function candidatesUpTo(most: number): number[] {
  const powers = Array.from({ length: 10 }, (_, exponent) => 2 ** exponent).filter((power) => power < most)
  return [...new Set([...powers, Math.max(1, most - 1), most])].toSorted((a, b) => a - b)
}
