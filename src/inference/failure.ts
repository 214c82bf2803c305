// Why an attempt at a backend failed: the one error that backends throw, and the words for its reason.

/** The closed vocabulary of the receipt, the log and the metrics. */
export type FailureReason =
  // the way to the backend
  | 'connection' // refused, reset or unresolvable before any byte of the answer; TLS failure
  | 'network_down' // no network at all: what is true of this remote backend is true of all
  | 'protocol' // what came is no answer in its wire format: HTML, a redirect elsewhere, a broken body
  // what the backend said
  | 'server_error' // 500, 502, 503, 504, 529, or an error in its stream
  | 'rate_limited' // 429 that time mends
  | 'quota_exhausted' // 402, or a 429 that time does not mend
  | 'unauthorized' // 401 or 403
  | 'model_not_found' // 404, or the route of the provider does not exist
  | 'content_filtered' // the provider refuses the content
  | 'rejected' // any other 4xx: the request is at fault
  | 'context_length_exceeded' // prompt longer than the backend's context
  // what its stream did
  | 'first_token_timeout' // no headers, or no token, in time
  | 'idle_timeout' // it fell silent in mid-answer
  | 'attempt_timeout' // the longest time of one attempt is over
  | 'stream_cut' // the stream ended or broke without a finish
  | 'empty_answer' // it finished without any text or call
  | 'invalid_answer' // its answer is not the JSON that was asked for
  | 'diverged' // a restarted answer does not agree with what the caller already has
  // the local engine
  | 'model_unavailable' // no such model here, or loading it failed
  | 'out_of_memory' // the model or its context does not fit
  | 'engine_died' // the engine process ended in the middle of the work
  // Switch itself
  | 'unsupported' // it cannot do what the request needs
  | 'circuit_open' // it failed a moment ago and is left alone
  | 'queue_full' // the gate's queue has no place left
  | 'no_time' // what is left of the deadline is too short for it
  | 'deadline' // the request's time ran out
  | 'caller_gone' // nobody listens any more
  | 'internal' // a defect of ours

export type BackendErrorOptions = {
  /** HTTP status of the backend, when it gave one. */
  status?: number | undefined
  /** Seconds after which it wants to be asked again, when it said so. */
  retryAfterSeconds?: number | undefined
  /** Facts that the caller may see, by name: token counts and limits, never internals. */
  facts?: Record<string, number>
  cause?: unknown
}

/** A backend could not answer. The chain decides from `reason` and `retryAfterSeconds` alone; the message may be shown to callers. */
export class BackendError extends Error {
  readonly backend: string
  readonly reason: FailureReason
  readonly status: number | undefined
  readonly retryAfterSeconds: number | undefined
  readonly facts: Readonly<Record<string, number>>

  constructor(backend: string, reason: FailureReason, message: string, options: BackendErrorOptions = {}) {
    super(message, { cause: options.cause })
    this.name = 'BackendError'
    this.backend = backend
    this.reason = reason
    this.status = options.status
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
