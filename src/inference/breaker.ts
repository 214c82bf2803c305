// The circuit breaker of one backend: leaves it alone for a while after it failed, then lets one request try.
import type { Clock } from './clock.ts'
import type { FailureReason } from './failure.ts'

export type BreakerState = {
  readonly state: 'closed' | 'open' | 'half-open'
  /** Why it opened; absent when closed. */
  readonly reason?: FailureReason
  /** Until the next request may try; absent when closed. */
  readonly retry_in_ms?: number
}

/** Leave to make one attempt. Settle it once, by one of its functions. */
export type Entry = {
  /** True when this is the one request that tries a backend that failed. */
  readonly isProbe: boolean
  /** The backend answered, were it with an error of the request: it is well. */
  alive(): void
  /** The backend failed. */
  failed(reason: FailureReason, retryAfterSeconds?: number): void
  /** Nothing was learned: the caller left before it could answer. */
  withdrawn(): void
}

/** Failures in a row that open it, where one alone may be chance. */
const tolerance = 2
/** The first cool-down after such failures, and every later one until it succeeds. */
const firstCoolDownMs = 4000
const laterCoolDownMs = 8000
/** Cool-down where only a person can mend it: a key, an account, a model's name. */
const longCoolDownMs = 300_000
const rateLimitCoolDownMs = 5000
const longestRetryAfterMs = 3_600_000

const personMends: ReadonlySet<FailureReason> = new Set(['unauthorized', 'quota_exhausted', 'model_not_found'])
const mayBeChance: ReadonlySet<FailureReason> = new Set(['connection', 'protocol', 'server_error', 'first_token_timeout', 'idle_timeout', 'attempt_timeout', 'stream_cut', 'empty_answer', 'deadline'])

export class Breaker {
  readonly #clock: Clock
  #failures = 0
  #opened: { reason: FailureReason, until: number } | undefined
  #isProbing = false
  #openings = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * Leave to make an attempt; undefined while it is open, or while another request tries.
   * @param isRetry the same request asks once more, which its first failure must not forbid
   */
  enter(isRetry = false): Entry | undefined {
    if (this.#opened === undefined || isRetry) return this.#entry(false)
    if (this.#isProbing || this.#clock.now() < this.#opened.until) return undefined
    this.#isProbing = true
    return this.#entry(true)
  }

  /** Opens without a failure of its own: the network is gone. */
  open(reason: FailureReason): void {
    if (this.#opened === undefined) this.#coolDown(reason, firstCoolDownMs)
  }

  /** Closes without an attempt of its own: a free probe found the backend there. Leaves what only a person mends. */
  close(): void {
    if (this.#opened !== undefined && !personMends.has(this.#opened.reason) && this.#opened.reason !== 'rate_limited') this.#opened.until = this.#clock.now()
  }

  /** How often it began to leave the backend alone, the times after a failed try included. */
  get openings(): number {
    return this.#openings
  }

  state(): BreakerState {
    if (this.#opened === undefined) return { state: 'closed' }
    const left = this.#opened.until - this.#clock.now()
    return { state: left > 0 && !this.#isProbing ? 'open' : 'half-open', reason: this.#opened.reason, retry_in_ms: Math.max(0, Math.round(left)) }
  }

  #entry(isProbe: boolean): Entry {
    let isSettled = false
    const settle = (learn: () => void) => () => {
      if (isSettled) return
      isSettled = true
      if (isProbe) this.#isProbing = false
      learn()
    }
    return {
      isProbe,
      alive: settle(() => {
        this.#failures = 0
        this.#opened = undefined
      }),
      failed: (reason, retryAfterSeconds) => settle(() => this.#note(reason, retryAfterSeconds))(),
      withdrawn: settle(() => undefined)
    }
  }

  #note(reason: FailureReason, retryAfterSeconds: number | undefined): void {
    this.#failures++
    if (personMends.has(reason)) this.#coolDown(reason, longCoolDownMs)
    else if (reason === 'rate_limited') this.#coolDown(reason, retryAfterSeconds === undefined ? rateLimitCoolDownMs : Math.min(retryAfterSeconds * 1000, longestRetryAfterMs))
    else if (reason === 'network_down') this.#coolDown(reason, firstCoolDownMs)
    else if (mayBeChance.has(reason) && (this.#opened !== undefined || this.#failures >= tolerance)) this.#coolDown(reason, this.#opened === undefined ? firstCoolDownMs : laterCoolDownMs)
  }

  /** A longer cool-down under way is never shortened. */
  #coolDown(reason: FailureReason, ms: number): void {
    const now = this.#clock.now()
    const until = now + ms
    if (this.#opened === undefined || this.#opened.until <= now) this.#openings++
    if (this.#opened === undefined || until > this.#opened.until) this.#opened = { reason, until }
  }
}
