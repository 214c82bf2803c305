// The one error that stands for all the failures of a route.
import { SwitchError } from './errors.ts'
import type { ErrorFields } from './errors.ts'
import { BackendError, DeadlinePassed, ShuttingDown } from './failure.ts'
import type { FailureReason } from './failure.ts'
import { QueueFull } from './gate.ts'
import type { Receipt } from './receipt.ts'
import type { GatedBackend } from './target.ts'

export type Failure = { readonly target: GatedBackend, readonly reason: FailureReason, readonly error: Error }

/**
 * What the caller is told after `failures`, the last of which ended the chain.
 * @param isInterrupted true when the caller already has a part of the answer
 */
export function answerFailed(failures: readonly Failure[], receipt: Receipt, isInterrupted: boolean): SwitchError {
  const last = failures.findLast(({ reason }) => reason !== 'unsupported') ?? failures.at(-1)!
  const body = { model: last.target.backend.state().model, fallback: 'Use OpenAI API or CLI', source: 'degraded' as const, attempts: receipt.attempts }
  if (last.error instanceof DeadlinePassed) return new SwitchError('SWITCH_DEADLINE_EXCEEDED', last.error.message, { body: { ...body, source: 'degraded_fallback' }, cause: last.error })
  if (last.error instanceof ShuttingDown) return new SwitchError('SWITCH_SERVER_CLOSING', 'Switch is shutting down. Send the request again in a moment.', { retryAfterSeconds: 5, body, cause: last.error })
  return requestsFault(last, isInterrupted) ?? tooLongForAll(failures) ?? (isInterrupted ? interrupted(last, body) : undefined) ?? queueFull(failures) ?? unavailable(failures, body)
}

/** The provider says that the request itself is at fault. */
function requestsFault({ reason, error }: Failure, isInterrupted: boolean): SwitchError | undefined {
  if (reason === 'content_filtered') return new SwitchError('SWITCH_CONTENT_FILTERED', `The provider refused the content: ${error.message}`, { body: isInterrupted ? {} : { details: [{ path: 'messages', reason: error.message }] }, cause: error })
  if (reason === 'rejected') return new SwitchError('SWITCH_REQUEST_REJECTED', `The provider rejected the request: ${error.message}`, { body: { details: [{ path: 'body', reason: error.message }] }, cause: error })
  return undefined
}

function tooLongForAll(failures: readonly Failure[]): SwitchError | undefined {
  const exceeded = failures.findLast(({ reason }) => reason === 'context_length_exceeded')
  if (exceeded === undefined || !failures.every(({ reason }) => reason === 'context_length_exceeded' || reason === 'model_unavailable' || reason === 'unsupported')) return undefined
  return new SwitchError('SWITCH_REQUEST_CONTEXT_EXCEEDED', exceeded.error.message, { body: { details: [{ path: 'messages', reason: exceeded.error.message }] }, cause: exceeded.error })
}

function interrupted({ target, reason, error }: Failure, body: ErrorFields['body']): SwitchError {
  if (reason === 'invalid_answer') return new SwitchError('SWITCH_STREAM_INTERRUPTED', `${error.message}. What came is of no use; send the request again.`, { body: body!, cause: error })
  return new SwitchError('SWITCH_STREAM_INTERRUPTED', `${target.backend.name} broke off and nobody could go on in the middle of the answer; what came so far is incomplete. Send the request again.`, { body: body!, cause: error })
}

function queueFull(failures: readonly Failure[]): SwitchError | undefined {
  const full = failures.flatMap(({ error }) => error instanceof QueueFull ? error : [])
  if (full.length === 0 || full.length < failures.filter(({ reason }) => reason !== 'unsupported').length) return undefined
  const retryAfterSeconds = Math.min(...full.map((error) => error.retryAfterSeconds))
  return new SwitchError('SWITCH_QUEUE_FULL', `${full[0]!.message}. Try again in ${retryAfterSeconds} s.`, { retryAfterSeconds, cause: full[0] })
}

function unavailable(failures: readonly Failure[], body: ErrorFields['body']): SwitchError {
  const last = failures.findLast(({ reason }) => reason !== 'unsupported') ?? failures.at(-1)!
  const known = failures.flatMap(({ error }) => error instanceof BackendError || error instanceof QueueFull ? error.retryAfterSeconds ?? [] : [])
  const message = last.reason === 'internal' ? 'No backend could answer because of an internal error. The log has the cause under the request id.' : last.error.message
  return new SwitchError('SWITCH_ROUTE_UNAVAILABLE', message, { retryAfterSeconds: known.length > 0 ? Math.min(...known) : undefined, body: body!, cause: last.error })
}
