// Finds how many threads are fastest right now. llama.cpp's threads wait for one another by spinning: as soon as
// another program takes one of their cores, a step on all cores can take a hundred times as long as on fewer.

/** Weight of the latest measurement, and how far one may lie above the average before it is cut. */
const weight = 0.15
const mostRise = 8
/** Fewer threads must be this much faster to be taken. More must only not be slower: nothing is gained by a core that rests. */
const hysteresis = 0.9
/**
 * What is faster in one try, but not twice as fast, may be so by chance: it is measured in as many steps, by turns with the number
 * in use, and no longer than it is ahead after the first few.
 */
const duelSteps = 16
const leastDuelSteps = 6
/** A step counts as so many of the faster number's at most: one that another program held up for long decides nothing. */
const longestStep = 2
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

/** What is known of one number of threads for one kind of work; `ms` is for one token, `latestMs` of the latest step, `triedAtMs` of all batches' time. */
type Known = { ms: number, latestMs: number, triedAtMs: number, pauseMs: number }

/** Another number of threads against the one in use: the time of all steps of each. */
type Duel = { readonly threads: number, readonly longestMs: number, steps: number, otherMs: number, currentMs: number }

/** What is known of one kind of work, by number of threads, the number in use, and the least time for a token. */
type Work = { current: number, bestMs: number, isInTrouble: boolean, duel: Duel | undefined, readonly known: Map<number, Known> }

/** A kind of batches that are comparable with one another. Long ones are fastest on all threads, and a try of fewer costs them much. */
export type WorkKind = { readonly name: string, readonly isLong: boolean }

/** Measures batches of the same kind against one another. */
export class ThreadGovernor {
  readonly #apply: (threads: number) => void
  /** Ascending. */
  readonly #candidates: readonly number[]
  readonly #work = new Map<string, Work>()
  /** Where work of a kind not seen before begins: fewer than `most` only while others use the cores. */
  #atFirst: number
  /** Time of all batches so far. */
  #spentMs = 0

  constructor({ most, apply }: GovernorOptions) {
    this.#apply = apply
    this.#candidates = candidatesUpTo(most)
    this.#atFirst = most
  }

  /** Chooses and applies the threads for the next batch of `kind`. @returns the number */
  choose({ name, isLong }: WorkKind): number {
    const work = this.#work.get(name) ?? { current: this.#atFirst, bestMs: Infinity, isInTrouble: false, duel: undefined, known: new Map() }
    this.#work.set(name, work)
    const threads = work.duel === undefined ? this.#worthTrying(work, isLong) ?? work.current : work.duel.steps % 2 === 0 ? work.duel.threads : work.current
    this.#apply(threads)
    return threads
  }

  /** A batch of `kind` with so many tokens took this long. */
  note({ name, isLong }: WorkKind, threads: number, tookMs: number, tokens: number): void {
    this.#spentMs += tookMs
    const ms = tookMs / tokens
    const work = this.#work.get(name)
    if (work === undefined) return
    work.bestMs = Math.min(work.bestMs, ms)
    const known = work.known.get(threads) ?? { ms, latestMs: ms, triedAtMs: 0, pauseMs: firstPauseMs }
    work.known.set(threads, known)
    known.triedAtMs = this.#spentMs
    if (threads === work.current) noteStep(known, ms, isLong)
    else this.#noteTry(known, threads > work.current, ms, (ms - work.known.get(work.current)!.ms) * tokens)
    this.#noteTrouble(work)
    if (work.duel !== undefined) this.#noteDuel(work, work.duel, threads, ms)
    this.#settle(work)
  }

  #noteDuel(work: Work, duel: Duel, threads: number, ms: number): void {
    if (threads === work.current) duel.currentMs += Math.min(ms, duel.longestMs)
    else duel.otherMs += Math.min(ms, duel.longestMs)
    if (++duel.steps % 2 !== 0 || duel.steps < leastDuelSteps) return
    const isAhead = duel.otherMs < duel.currentMs * leadOf(duel.threads, work.current)
    if (isAhead && duel.steps < duelSteps) return
    work.duel = undefined
    work.known.get(duel.threads)!.ms = duel.otherMs * 2 / duel.steps
    work.known.get(work.current)!.ms = duel.currentMs * 2 / duel.steps
    if (isAhead) this.#change(work, duel.threads)
  }

  /** What was known of other numbers before the trouble says nothing of them now, but of one that is being measured. */
  #noteTrouble(work: Work): void {
    const present = work.known.get(work.current)
    const isInTrouble = present !== undefined && present.ms > work.bestMs * trouble
    if (isInTrouble && !work.isInTrouble) for (const threads of this.#candidates) if (threads !== work.current && threads !== work.duel?.threads) work.known.delete(threads)
    work.isInTrouble = isInTrouble
  }

  /** A number that was never tried, or not for its pause. Fewer threads for long work only in trouble. */
  #worthTrying(work: Work, isLong: boolean): number | undefined {
    const { current, known, isInTrouble } = work
    if (!known.has(current)) return undefined
    const mayTryFewer = !isLong || isInTrouble
    return this.#others(work).find((threads) => {
      const other = known.get(threads)
      const isDue = other === undefined || this.#spentMs - other.triedAtMs > other.pauseMs
      return isDue && (threads > current || mayTryFewer)
    })
  }

  /** The next more and the next fewer; in trouble all, the fewer ones first, each nearer one before those behind it. */
  #others({ current, isInTrouble }: Work): readonly number[] {
    const index = this.#candidates.indexOf(current)
    const more = this.#candidates.slice(index + 1)
    const fewer = this.#candidates.slice(0, index).toReversed()
    return isInTrouble ? [...fewer, ...more] : [...more.slice(0, 1), ...fewer.slice(0, 1)]
  }

  /** Nothing is fast by chance: one fast try counts whole, a slow one half. Fewer threads are tried ever less often. */
  #noteTry(known: Known, isMore: boolean, ms: number, lossMs: number): void {
    known.ms = Math.min(ms, (known.ms + ms) / 2)
    known.pauseMs = Math.max(isMore ? firstPauseMs : Math.min(mostPauseMs, known.pauseMs * 2), lossMs * lossFactor)
  }

  #settle(work: Work): void {
    const msOf = (threads: number) => work.known.get(threads)?.ms ?? Infinity
    const currentMs = msOf(work.current)
    const goalOf = (threads: number) => msOf(threads) / leadOf(threads, work.current)
    const better = this.#others(work).reduce((best, threads) => goalOf(threads) < goalOf(best) ? threads : best, 0)
    if (goalOf(better) >= currentMs) return
    if (msOf(better) * crowded < currentMs) this.#change(work, better)
    else work.duel ??= { threads: better, longestMs: msOf(better) * longestStep, steps: 0, otherMs: 0, currentMs: 0 }
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

/** One short step that is held up does not count, two in a row do. A long one does: the next would cost as much. */
function noteStep(known: Known, ms: number, isLong: boolean): void {
  const counted = isLong ? ms : Math.min(ms, known.latestMs)
  known.ms += (Math.min(counted, known.ms * mostRise) - known.ms) * weight
  known.latestMs = ms
}

/** How much of the time of `current` threads is to be beaten by `other`. */
function leadOf(other: number, current: number): number {
  return other > current ? 1 : hysteresis
}

/** 1, 2, 4 … and the two largest: beside one busy program one thread less is best. */
function candidatesUpTo(most: number): number[] {
  const powers = Array.from({ length: 10 }, (_, exponent) => 2 ** exponent).filter((power) => power < most)
  return [...new Set([...powers, Math.max(1, most - 1), most])].toSorted((a, b) => a - b)
}
