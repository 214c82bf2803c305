// Finds how many threads are fastest right now. llama.cpp's threads wait for one another by spinning: as soon as
// another program takes one of their cores, a step on all cores can take a hundred times as long as on fewer.

/** Weight of the latest measurement, and how far one may lie above the average before it is cut. */
const weight = 0.15
const mostRise = 8
/** Another number of threads must be this much faster to be taken. */
const hysteresis = 0.9
/** Without trouble, what is faster in one try may be so by chance: it is measured in as many steps, by turns with the number in use. */
const duelSteps = 16
/** So much slower than it was at best, work is in trouble. */
const trouble = 2
/** A number that makes work this much faster tells that others use the cores. */
const crowded = 2
/**
 * First pause between two tries of another number, and how often its loss a pause must be, so that tries cost three percent at
 * most. Pauses are of time spent on batches: in quiet hours each request would pay for a try.
 */
const firstPauseMs = 500
const lossFactor = 30
const mostPauseMs = 60_000

export type GovernorOptions = {
  /** Threads at most, and at first. */
  most: number
  /** Sets the number for the batches to come. */
  apply: (threads: number) => void
}

/** What is known of one number of threads for one kind of work; `ms` is for one token, `triedAtMs` of all batches' time. */
type Known = { ms: number, triedAtMs: number, pauseMs: number }

/** Another number of threads against the one in use: the time of all steps of each. */
type Duel = { readonly threads: number, steps: number, otherMs: number, currentMs: number }

/** What is known of one kind of work, by number of threads, the number in use, and the least time for a token. */
type Work = { current: number, bestMs: number, duel: Duel | undefined, readonly known: Map<number, Known> }

/** A kind of batches that are comparable with one another. Long ones are fastest on all threads, and a try of fewer costs them much. */
export type WorkKind = { readonly name: string, readonly isLong: boolean }

/** Measures batches of the same kind against one another. */
export class ThreadGovernor {
  readonly #apply: (threads: number) => void
  /** The next more and the next fewer of each. */
  readonly #neighbours: ReadonlyMap<number, readonly number[]>
  readonly #work = new Map<string, Work>()
  /** Where work of a kind not seen before begins: fewer than `most` only while others use the cores. */
  #atFirst: number
  /** Time of all batches so far. */
  #spentMs = 0

  constructor({ most, apply }: GovernorOptions) {
    this.#apply = apply
    const candidates = candidatesUpTo(most)
    this.#neighbours = new Map(candidates.map((threads, index) => [threads, [candidates[index + 1], candidates[index - 1]].filter((other) => other !== undefined)]))
    this.#atFirst = most
  }

  /** Chooses and applies the threads for the next batch of `kind`. @returns the number */
  choose({ name, isLong }: WorkKind): number {
    const work = this.#work.get(name) ?? { current: this.#atFirst, bestMs: Infinity, duel: undefined, known: new Map() }
    this.#work.set(name, work)
    const threads = work.duel === undefined ? this.#worthTrying(work, isLong) ?? work.current : work.duel.steps % 2 === 0 ? work.duel.threads : work.current
    this.#apply(threads)
    return threads
  }

  /** A batch of `kind` with so many tokens took this long. */
  note({ name }: WorkKind, threads: number, tookMs: number, tokens: number): void {
    this.#spentMs += tookMs
    const ms = tookMs / tokens
    const work = this.#work.get(name)
    if (work === undefined) return
    work.bestMs = Math.min(work.bestMs, ms)
    const known = work.known.get(threads) ?? { ms, triedAtMs: 0, pauseMs: firstPauseMs }
    work.known.set(threads, known)
    known.triedAtMs = this.#spentMs
    if (threads === work.current) known.ms += (Math.min(ms, known.ms * mostRise) - known.ms) * weight
    else this.#noteTry(known, ms, (ms - work.known.get(work.current)!.ms) * tokens)
    if (work.duel !== undefined) this.#noteDuel(work, work.duel, threads, ms)
    this.#settle(work)
  }

  #noteDuel(work: Work, duel: Duel, threads: number, ms: number): void {
    if (threads === work.current) duel.currentMs += ms
    else duel.otherMs += ms
    if (++duel.steps < duelSteps) return
    work.duel = undefined
    if (duel.otherMs < duel.currentMs * hysteresis) this.#change(work, duel.threads)
    else work.known.get(duel.threads)!.ms = duel.otherMs * 2 / duelSteps
  }

  /** A neighbour of the current number that was never tried, or not for its pause. Fewer threads for long work only in trouble. */
  #worthTrying({ current, known, bestMs }: Work, isLong: boolean): number | undefined {
    const present = known.get(current)
    if (present === undefined) return undefined
    const mayTryFewer = !isLong || present.ms > bestMs * trouble
    return this.#neighbours.get(current)!.find((threads) => {
      const other = known.get(threads)
      const isDue = other === undefined || this.#spentMs - other.triedAtMs > other.pauseMs
      return isDue && (threads > current || mayTryFewer)
    })
  }

  /** Nothing is fast by chance: one fast try counts whole, a slow one half. */
  #noteTry(known: Known, ms: number, lossMs: number): void {
    known.ms = Math.min(ms, (known.ms + ms) / 2)
    known.pauseMs = Math.max(Math.min(mostPauseMs, known.pauseMs * 2), lossMs * lossFactor)
  }

  #settle(work: Work): void {
    const currentMs = work.known.get(work.current)?.ms ?? Infinity
    const better = this.#neighbours.get(work.current)!.find((threads) => (work.known.get(threads)?.ms ?? Infinity) < currentMs * hysteresis)
    if (better === undefined) return
    if (work.known.get(better)!.ms * crowded < currentMs || currentMs > work.bestMs * trouble) this.#change(work, better)
    else work.duel ??= { threads: better, steps: 0, otherMs: 0, currentMs: 0 }
  }

  #change(work: Work, better: number): void {
    const currentMs = work.known.get(work.current)?.ms ?? Infinity
    work.duel = undefined
    Object.assign(work.known.get(work.current) ?? {}, { pauseMs: firstPauseMs, triedAtMs: this.#spentMs })
    const isCrowded = work.known.get(better)!.ms * crowded < currentMs
    if (isCrowded) for (const other of this.#work.values()) other.current = Math.min(other.current, better)
    if (isCrowded || better > work.current) this.#atFirst = better
    work.current = better
  }
}

/** 1, 2, 4 … and the two largest: beside one busy program one thread less is best. */
function candidatesUpTo(most: number): number[] {
  const powers = Array.from({ length: 10 }, (_, exponent) => 2 ** exponent).filter((power) => power < most)
  return [...new Set([...powers, Math.max(1, most - 1), most])].toSorted((a, b) => a - b)
}
