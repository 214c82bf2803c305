// Why an attempt at a backend failed: the one error that backends throw, and the words for its reason.

/** The closed vocabulary of the receipt, the log and the metrics. */
export type FailureReason =
  | 'model_unavailable' // no such model here, or loading it failed
  | 'out_of_memory' // the model or its context does not fit
  | 'engine_died' // the engine process ended in the middle of the work
  | 'context_length_exceeded' // prompt longer than the backend's context
  | 'queue_full' // the gate's queue has no place left
  | 'deadline' // the request's time ran out
  | 'caller_gone' // nobody listens any more
  | 'internal' // a defect of ours

/** A backend could not answer. The chain decides from `reason` and `retryable` alone. */
export class BackendError extends Error {
  readonly backend: string
  readonly reason: FailureReason
  /** May the same backend succeed when it is asked again at once? */
  readonly retryable: boolean
  /** Seconds after which it may, when that is known. */
  readonly retryAfterSeconds: number | undefined
  /** Facts that the caller may see, by name: token counts and limits, never internals. */
  readonly facts: Readonly<Record<string, number>>

  constructor(backend: string, reason: FailureReason, message: string, options: { retryable?: boolean, retryAfterSeconds?: number | undefined, facts?: Record<string, number>, cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.name = 'BackendError'
    this.backend = backend
    this.reason = reason
    this.retryable = options.retryable ?? false
    this.retryAfterSeconds = options.retryAfterSeconds
    this.facts = options.facts ?? {}
  }
}

/** The request's time ran out: the reason of the deadline's signal. */
export class DeadlinePassed extends Error {
  readonly seconds: number

  constructor(seconds: number) {
    super(`Model took too long (>${seconds}s)`)
    this.name = 'DeadlinePassed'
    this.seconds = seconds
  }
}

/** The caller hung up: the reason of the caller's signal. */
export class CallerGone extends Error {
  constructor() {
    super('The caller is gone')
    this.name = 'CallerGone'
  }
}

/** The service is closing and its grace period is over. */
export class ShuttingDown extends Error {
  constructor() {
    super('Switch is shutting down')
    this.name = 'ShuttingDown'
  }
}
