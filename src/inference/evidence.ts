// What the requests of the past tell about a backend: ages of success and failure, and its speed.
import type { Clock } from './clock.ts'
import type { FailureReason } from './failure.ts'

/** As health shows it. Ages and averages are null until there is something to tell. */
export type EvidenceReport = {
  last_success_age_s: number | null
  last_failure_age_s: number | null
  last_failure_reason: FailureReason | null
  /** What the last free probe found: null when there was none, else "ok" or why not. */
  probe: 'ok' | FailureReason | null
  /** Running means over the successes. */
  first_token_ms: number | null
  tokens_per_second: number | null
}

/** Weight of the newest value in a running mean. */
const newestWeight = 0.2

export class Evidence {
  readonly #clock: Clock
  #succeededAt: number | undefined
  #failedAt: number | undefined
  #failedFor: FailureReason | undefined
  #probe: 'ok' | FailureReason | null = null
  #firstTokenMs: number | undefined
  #tokensPerSecond: number | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** @param firstTokenMs from the admission to the first token @param generationMs from the first token to the end */
  succeeded(firstTokenMs: number, generationMs: number, tokens: number): void {
    this.#succeededAt = this.#clock.now()
    this.#firstTokenMs = mean(this.#firstTokenMs, firstTokenMs)
    if (tokens > 1 && generationMs > 0) this.#tokensPerSecond = mean(this.#tokensPerSecond, (tokens - 1) / (generationMs / 1000))
  }

  failed(reason: FailureReason): void {
    this.#failedAt = this.#clock.now()
    this.#failedFor = reason
  }

  /** @param failure null: it is there */
  probed(failure: FailureReason | null): void {
    this.#probe = failure ?? 'ok'
  }

  /** When a request last told something, on the clock; -Infinity: never. */
  newestMs(): number {
    return Math.max(this.#succeededAt ?? -Infinity, this.#failedAt ?? -Infinity)
  }

  /** Milliseconds that an answer of `tokens` is expected to take; undefined until one was seen. */
  expectedMs(tokens: number): number | undefined {
    if (this.#firstTokenMs === undefined) return undefined
    return this.#firstTokenMs + (this.#tokensPerSecond === undefined ? 0 : (tokens / this.#tokensPerSecond) * 1000)
  }

  report(): EvidenceReport {
    return {
      last_success_age_s: this.#ageSeconds(this.#succeededAt),
      last_failure_age_s: this.#ageSeconds(this.#failedAt),
      last_failure_reason: this.#failedFor ?? null,
      probe: this.#probe,
      first_token_ms: rounded(this.#firstTokenMs),
      tokens_per_second: rounded(this.#tokensPerSecond)
    }
  }

  #ageSeconds(at: number | undefined): number | null {
    return at === undefined ? null : Math.round((this.#clock.now() - at) / 1000)
  }
}

function mean(old: number | undefined, newest: number): number {
  return old === undefined ? newest : old + newestWeight * (newest - old)
}

function rounded(value: number | undefined): number | null {
  return value === undefined ? null : Math.round(value * 10) / 10
}
