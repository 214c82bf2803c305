// The traffic of the last five minutes, second by second, and its totals since the start: what charts are drawn from.
import type { RequestRecord } from './recent-request.ts'

/** What ended within one second. */
export type TrafficSecond = {
  /** Seconds since 1970. */
  second: number
  /** By the first backend of the route. */
  answered: number
  /** By a later one. */
  degraded: number
  failed: number
  cancelled: number
  /** Turned away before any backend was chosen: a wrong body, no token. */
  refused: number
  /** Backends that were given up for another one. */
  failovers: number
  /** Tokens of answers, spread over the seconds in which they were generated; known when an answer is complete. */
  tokens: number
  /** Median; null without an answer. */
  first_token_ms: number | null
}

export type TrafficTotals = { answered: number, degraded: number, failed: number, cancelled: number, refused: number, failovers: number, prompt_tokens: number, completion_tokens: number }

type Entry = { readonly counts: TrafficSecond, readonly firstTokens: number[], change: number }

/** Five minutes, and some for pages that draw late. */
const keptSeconds = 310
/** More would not change the median much. */
const keptFirstTokens = 200

export class RecentTraffic {
  readonly totals: TrafficTotals = { answered: 0, degraded: 0, failed: 0, cancelled: 0, refused: 0, failovers: 0, prompt_tokens: 0, completion_tokens: 0 }
  readonly #now: () => number
  readonly #entries = new Map<number, Entry>()
  #change = 0

  /** @param now milliseconds since 1970 */
  constructor(now: () => number) {
    this.#now = now
  }

  /** Grows with every change. */
  get change(): number {
    return this.#change
  }

  /** The seconds that changed after `change`, oldest first; quiet ones are not there. */
  since(change: number): TrafficSecond[] {
    return [...this.#entries.values()].filter((entry) => entry.change > change).map(told).sort((a, b) => a.second - b.second)
  }

  add(record: RequestRecord): void {
    this.#forgetOld()
    const entry = this.#entry(this.#now())
    const outcome = record.outcome !== 'success' ? record.outcome : record.degraded ? 'degraded' : 'answered'
    const failovers = failoversOf(record)
    for (const counts of [entry.counts, this.totals]) {
      counts[outcome]++
      counts.failovers += failovers
    }
    this.totals.prompt_tokens += record.prompt_tokens ?? 0
    this.totals.completion_tokens += record.completion_tokens ?? 0
    if (record.first_token_ms !== null && entry.firstTokens.length < keptFirstTokens) entry.firstTokens.push(record.first_token_ms)
    this.#spreadTokens(record)
  }

  addRefused(): void {
    this.#forgetOld()
    this.#entry(this.#now()).counts.refused++
    this.totals.refused++
  }

  #spreadTokens({ completion_tokens: tokens, first_token_ms: firstTokenMs, latency_ms: latencyMs }: RequestRecord): void {
    if (!tokens) return
    const end = this.#now()
    const begin = firstTokenMs === null ? end : end - Math.min(latencyMs - firstTokenMs, keptSeconds * 1000)
    const length = Math.max(1, end - begin)
    for (let second = Math.floor(begin / 1000); second * 1000 < begin + length; second++) {
      const overlap = Math.min(begin + length, (second + 1) * 1000) - Math.max(begin, second * 1000)
      this.#entry(second * 1000).counts.tokens += tokens * overlap / length
    }
  }

  #entry(atMs: number): Entry {
    const second = Math.floor(atMs / 1000)
    const entry = this.#entries.get(second) ?? { counts: { second, answered: 0, degraded: 0, failed: 0, cancelled: 0, refused: 0, failovers: 0, tokens: 0, first_token_ms: null }, firstTokens: [], change: 0 }
    entry.change = ++this.#change
    this.#entries.set(second, entry)
    return entry
  }

  #forgetOld(): void {
    const oldest = Math.floor(this.#now() / 1000) - keptSeconds
    for (const second of this.#entries.keys()) if (second < oldest) this.#entries.delete(second)
  }
}

function told({ counts, firstTokens }: Entry): TrafficSecond {
  return { ...counts, tokens: Math.round(counts.tokens * 10) / 10, first_token_ms: median(firstTokens) }
}

/** Attempts that failed, or were not even begun, before another backend answered or failed in turn. */
function failoversOf({ attempts, outcome }: RequestRecord): number {
  const passed = attempts.filter((attempt, index) => attempt.outcome !== 'success' && attempts[index + 1] !== undefined && attempts[index + 1]!.backend !== attempt.backend)
  return outcome === 'cancelled' ? 0 : passed.length
}

function median(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)]!
}
