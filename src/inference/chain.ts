// The chain: tries the backends of a route in order until one has answered, inside one deadline.
import { attemptAt } from './attempt.ts'
import type { GatedBackend } from './attempt.ts'
import { SwitchError } from './errors.ts'
import type { ErrorFields } from './errors.ts'
import { BackendError, CallerGone, DeadlinePassed, ShuttingDown } from './failure.ts'
import type { FailureReason } from './failure.ts'
import { QueueFull } from './gate.ts'
import type { Receipt } from './receipt.ts'
import type { Delta, FinishReason, InferenceRequest, Usage } from './request.ts'

/** What is known when an answer is complete. */
export type Completion = {
  /** The backend that answered. */
  readonly backend: GatedBackend['backend']
  readonly model: string
  readonly finishReason: FinishReason
  readonly usage: Usage
  /** True when it is not the first backend of the route. */
  readonly degraded: boolean
}

export type ChainCall = {
  readonly request: InferenceRequest
  /** The route, in order; at least one backend. */
  readonly targets: readonly GatedBackend[]
  /** Lower goes first. */
  readonly priority: number
  /** Aborts with DeadlinePassed, CallerGone or ShuttingDown. */
  readonly signal: AbortSignal
  readonly receipt: Receipt
}

/**
 * The deltas of the answer as they come, then its completion.
 * @throws SwitchError when no backend could answer, or one broke off after the caller already had text
 * @throws CallerGone
 */
export async function* runChain(call: ChainCall): AsyncGenerator<Delta, Completion> {
  const failures: Failure[] = []
  for (const [index, target] of call.targets.entries()) {
    const outcome = yield* tryTarget(call, target, index > 0)
    if ('completion' in outcome) return outcome.completion
    failures.push(outcome.failure)
    if (outcome.hasDelivered) throw interrupted(outcome.failure, call.receipt)
  }
  throw nobodyAnswered(failures, call)
}

type Failure = { readonly target: GatedBackend, readonly reason: FailureReason, readonly error: Error }

type Outcome = { completion: Completion } | { failure: Failure, hasDelivered: boolean }

async function* tryTarget(call: ChainCall, target: GatedBackend, degraded: boolean): AsyncGenerator<Delta, Outcome> {
  const { backend } = target
  const attempt = call.receipt.begin(backend.name, backend.state().model)
  let hasDelivered = false
  let usage: Usage = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }
  let finishReason: FinishReason | undefined
  try {
    for await (const event of attemptAt(target, call.request, call.priority, call.signal, attempt)) {
      if (event.type === 'usage') usage = event.usage
      else if (event.type === 'finish') finishReason = event.reason
      else {
        hasDelivered = true
        yield event
      }
    }
    if (finishReason === undefined) throw new BackendError(backend.name, 'internal', 'The stream ended without a finish')
    const { model } = backend.state()
    attempt.answersWith(model)
    attempt.succeeded()
    return { completion: { backend, model, finishReason, usage, degraded } }
  } catch (error) {
    if (error instanceof CallerGone) {
      attempt.cancelled()
      throw error
    }
    const reason = reasonOf(error)
    attempt.failed(reason)
    if (error instanceof DeadlinePassed) throw deadlinePassed(error, target, call.receipt)
    if (error instanceof ShuttingDown) throw new SwitchError('SWITCH_SERVER_CLOSING', 'Switch is shutting down. Send the request again in a moment.', { retryAfterSeconds: 5, cause: error })
    return { failure: { target, reason, error: error as Error }, hasDelivered }
  }
}

function reasonOf(error: unknown): FailureReason {
  if (error instanceof BackendError) return error.reason
  if (error instanceof QueueFull) return 'queue_full'
  if (error instanceof DeadlinePassed) return 'deadline'
  return 'internal'
}

function deadlinePassed(error: DeadlinePassed, { backend }: GatedBackend, receipt: Receipt): SwitchError {
  return new SwitchError('SWITCH_DEADLINE_EXCEEDED', error.message, {
    body: { ...degradedBody(backend.state().model, receipt), source: 'degraded_fallback' }, cause: error
  })
}

function interrupted({ target, error }: Failure, receipt: Receipt): SwitchError {
  const { backend } = target
  return new SwitchError('SWITCH_STREAM_INTERRUPTED', `${backend.name} broke off in the middle of the answer; what came so far is incomplete. Send the request again.`, {
    body: degradedBody(backend.state().model, receipt), cause: error
  })
}

/** The one error that stands for the failures of a whole route. */
function nobodyAnswered(failures: readonly Failure[], { receipt }: ChainCall): SwitchError {
  const last = failures.at(-1)!
  const exceeded = failures.find(({ reason }) => reason === 'context_length_exceeded')
  if (exceeded && failures.every(({ reason }) => reason === 'context_length_exceeded' || reason === 'model_unavailable')) {
    return new SwitchError('SWITCH_REQUEST_CONTEXT_EXCEEDED', exceeded.error.message, { body: { details: [{ path: 'messages', reason: exceeded.error.message }] }, cause: exceeded.error })
  }
  const full = failures.find(({ error }) => error instanceof QueueFull)?.error as QueueFull | undefined
  if (full && failures.every(({ error }) => error instanceof QueueFull)) {
    return new SwitchError('SWITCH_QUEUE_FULL', `${full.message}. Try again in ${full.retryAfterSeconds} s.`, { retryAfterSeconds: full.retryAfterSeconds, cause: full })
  }
  const model = last.target.backend.state().model
  const message = last.reason === 'internal' ? 'No backend could answer because of an internal error. The log has the cause under the request id.' : last.error.message
  return new SwitchError('SWITCH_ROUTE_UNAVAILABLE', message, {
    retryAfterSeconds: retryAfter(failures), body: degradedBody(model, receipt), cause: last.error
  })
}

function retryAfter(failures: readonly Failure[]): number | undefined {
  const known = failures.flatMap(({ error }) => error instanceof BackendError || error instanceof QueueFull ? error.retryAfterSeconds ?? [] : [])
  return known.length > 0 ? Math.min(...known) : undefined
}

function degradedBody(model: string, { attempts }: Receipt): NonNullable<ErrorFields['body']> {
  return { model, fallback: 'Use OpenAI API or CLI', source: 'degraded', attempts }
}
