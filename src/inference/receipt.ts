// The receipt of a request: what was tried, in order, how it went and how long it took.
import type { Clock } from './clock.ts'
import type { FailureReason } from './failure.ts'
import type { AttemptAnswer, AttemptObserver, RequestObserver } from './observer.ts'
import type { TraceContext } from './trace-context.ts'

/** One attempt at one backend, in the form callers and the log see it. Times are whole milliseconds. */
export type Attempt = {
  backend: string
  model: string
  /** skipped: it was not asked at all. */
  outcome: 'running' | 'success' | 'failed' | 'cancelled' | 'skipped'
  /** Why it did not succeed; null when it did. */
  reason: FailureReason | null
  /** From the request's start to the attempt's start. */
  started_ms: number
  /** From the attempt's start until the gate let it through. */
  queued_ms: number
  /** From the attempt's start to the first token; null when none came. */
  first_token_ms: number | null
  duration_ms: number
  /** Characters of the answer's text that came from this attempt. */
  chars: number
}

/** Collects the attempts of one request. */
export class Receipt {
  readonly attempts: Attempt[] = []
  /** Is told of every attempt from now on. */
  observer: RequestObserver | undefined
  readonly #clock: Clock
  readonly #startedAt: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#startedAt = clock.now()
  }

  /** Milliseconds since the request's start. */
  elapsedMs(): number {
    return Math.round(this.#clock.now() - this.#startedAt)
  }

  /** Opens an attempt at the end of the receipt. */
  begin(backend: string, model: string): OpenAttempt {
    const attempt: Attempt = { backend, model, outcome: 'running', reason: null, started_ms: this.elapsedMs(), queued_ms: 0, first_token_ms: null, duration_ms: 0, chars: 0 }
    this.attempts.push(attempt)
    return new OpenAttempt(attempt, this.#clock, this.observer?.attemptBegan(attempt))
  }
}

/** An attempt under way. It is closed once, by `succeeded`, `failed` or `cancelled`. */
export class OpenAttempt {
  readonly #attempt: Attempt
  readonly #clock: Clock
  readonly #startedAt: number
  readonly #observer: AttemptObserver | undefined
  #isAdmitted = false

  constructor(attempt: Attempt, clock: Clock, observer?: AttemptObserver) {
    this.#attempt = attempt
    this.#clock = clock
    this.#observer = observer
    this.#startedAt = clock.now()
  }

  /** True once the gate let it through: only then can the backend be at fault. */
  get isAdmitted(): boolean {
    return this.#isAdmitted
  }

  /** True once a token came. */
  get hasSpoken(): boolean {
    return this.#attempt.first_token_ms !== null
  }

  /** The trace that a remote backend is told of. */
  get trace(): TraceContext | undefined {
    return this.#observer?.trace
  }

  admitted(): void {
    this.#isAdmitted = true
    this.#attempt.queued_ms = this.#elapsed()
  }

  tokenArrived(): void {
    this.#attempt.first_token_ms ??= this.#elapsed()
    this.#observer?.tokenArrived()
  }

  textArrived(text: string): void {
    this.#attempt.chars += text.length
  }

  /** What was replaced by a later attempt is no part of the answer. */
  replaced(): void {
    this.#attempt.chars = 0
  }

  /** The model that really answers, where the backend learns it late. */
  answersWith(model: string): void {
    this.#attempt.model = model
  }

  succeeded(answer?: AttemptAnswer): void {
    this.#close('success', null, answer)
  }

  failed(reason: FailureReason): void {
    this.#close('failed', reason)
  }

  skipped(reason: FailureReason): void {
    this.#close('skipped', reason)
  }

  cancelled(): void {
    this.#close('cancelled', 'caller_gone')
  }

  /** Cancelled, unless it is closed already: nobody read it to its end. */
  abandoned(): void {
    if (this.#attempt.outcome === 'running') this.cancelled()
  }

  #close(outcome: Attempt['outcome'], reason: FailureReason | null, answer?: AttemptAnswer): void {
    Object.assign(this.#attempt, { outcome, reason, duration_ms: this.#elapsed() })
    this.#observer?.ended(this.#attempt, { isAdmitted: this.#isAdmitted, answer })
  }

  /** Milliseconds from the admission to the first token, and from there to now; undefined without a token. */
  speed(): { firstTokenMs: number, generationMs: number } | undefined {
    const { first_token_ms: firstTokenMs, queued_ms } = this.#attempt
    return firstTokenMs === null ? undefined : { firstTokenMs: firstTokenMs - queued_ms, generationMs: this.#elapsed() - firstTokenMs }
  }

  #elapsed(): number {
    return Math.round(this.#clock.now() - this.#startedAt)
  }
}

/** The attempts in one header line, for example `openai;failed;server_error, hermes;running`. */
export function attemptsHeader(attempts: readonly Attempt[]): string {
  return attempts.map(({ backend, outcome, reason }) => [backend, outcome, ...(reason ? [reason] : [])].join(';')).join(', ')
}
