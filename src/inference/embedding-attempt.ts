// One attempt at one backend for vectors: through its breaker and its gate, and the permit back when the backend has settled.
import { attemptBudget } from './budget.ts'
import type { Entry } from './breaker.ts'
import type { Failure } from './chain-errors.ts'
import type { Deadline } from './deadline.ts'
import type { EmbeddingRequest, Embeddings } from './embedding.ts'
import { BackendError, CallerGone, DeadlinePassed, ShuttingDown } from './failure.ts'
import type { FailureReason } from './failure.ts'
import { QueueFull } from './gate.ts'
import { linkSignals } from './linked-signal.ts'
import type { OpenAttempt, Receipt } from './receipt.ts'
import { Stopwatch } from './stopwatch.ts'
import type { GatedBackend } from './target.ts'
import { inTrace } from './trace-context.ts'

export type EmbeddingAttemptCall = {
  readonly request: EmbeddingRequest
  /** Its backend has `embed`. */
  readonly target: GatedBackend
  /** Lower goes first. */
  readonly priority: number
  readonly deadline: Deadline
  /** Aborts with DeadlinePassed, CallerGone or ShuttingDown. */
  readonly signal: AbortSignal
  readonly receipt: Receipt
  /** The same request asks once more. */
  readonly isRetry: boolean
}

type Result = { readonly embeddings: Embeddings } | { readonly failure: Failure, readonly isProbe: boolean }

/** @throws CallerGone; every other failure is in the result */
export async function embeddingAttempt(call: EmbeddingAttemptCall): Promise<Result> {
  const { target, receipt, isRetry } = call
  const { backend, breaker } = target
  const record = receipt.begin(backend.name, backend.state().model)
  const entry = breaker.enter(isRetry)
  if (entry === undefined) {
    record.skipped('circuit_open')
    return { failure: { target, reason: 'circuit_open', error: leftAlone(target) }, isProbe: false }
  }
  try {
    const embeddings = await underStopwatch(call, record)
    record.answersWith(embeddings.model)
    record.succeeded({ usage: { prompt_tokens: embeddings.promptTokens, completion_tokens: 0, total_tokens: embeddings.promptTokens } })
    entry.alive()
    return { embeddings }
  } catch (error) {
    if (error instanceof CallerGone) throw error
    return { failure: { target, reason: close(error, target, record, entry), error: error as Error }, isProbe: entry.isProbe }
  } finally {
    entry.withdrawn()
    record.abandoned()
  }
}

async function underStopwatch({ request, target: { backend, gate }, priority, deadline, signal }: EmbeddingAttemptCall, record: OpenAttempt): Promise<Embeddings> {
  const budget = attemptBudget(backend.limits, deadline.remainingMs(), 0)
  if (budget === undefined) throw new DeadlinePassed(deadline.seconds)
  // Vectors come in one piece: only the whole attempt has a limit.
  const stopwatch = new Stopwatch(backend.name, { ...budget, firstTokenMs: Infinity, idleMs: Infinity })
  const either = linkSignals([signal, stopwatch.signal])
  try {
    const permit = await gate.acquire(priority, either.signal)
    record.admitted()
    const traced = inTrace(request, record.trace)
    const work = (async () => backend.embed!(traced, either.signal))()
    void Promise.allSettled([work]).then(() => permit.release())
    return await Promise.race([work, aborted(either.signal)])
  } finally {
    stopwatch.clear()
    either.unlink()
  }
}

/** Rejects when the signal aborts, however slow the backend is to let go. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

/** Closes the record of a failed attempt and tells the breaker what was learned. */
function close(error: unknown, { backend, evidence }: GatedBackend, record: OpenAttempt, entry: Entry): FailureReason {
  const reason = reasonOf(error)
  record.failed(reason)
  if (!record.isAdmitted || error instanceof ShuttingDown) return reason
  if (reason === 'rejected' || reason === 'context_length_exceeded') {
    entry.alive()
    return reason
  }
  evidence.failed(reason)
  if (backend.kind !== 'llama-cpp' && reason !== 'internal') entry.failed(reason, error instanceof BackendError ? error.retryAfterSeconds : undefined)
  return reason
}

function reasonOf(error: unknown): FailureReason {
  if (error instanceof BackendError) return error.reason
  if (error instanceof QueueFull) return 'queue_full'
  return error instanceof DeadlinePassed ? 'deadline' : 'internal'
}

function leftAlone({ backend, breaker }: GatedBackend): BackendError {
  const { reason, retry_in_ms: retryInMs = 0 } = breaker.state()
  const seconds = Math.max(1, Math.ceil(retryInMs / 1000))
  return new BackendError(backend.name, 'circuit_open', `${backend.name} failed a moment ago (${reason}) and is left alone for ${seconds} s`, { retryAfterSeconds: seconds })
}
