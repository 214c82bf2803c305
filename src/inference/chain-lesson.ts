// What is put down of a failed attempt, and what its backend's breaker learns from it.
import type { AttemptLimits } from '../backends/backend.ts'
import type { BegunAttempt } from './begun-attempt.ts'
import type { Budget } from './budget.ts'
import { BackendError, CallerGone, DeadlinePassed, ShuttingDown } from './failure.ts'
import type { FailureReason } from './failure.ts'
import { QueueFull } from './gate.ts'

/** Closes the record of a failed attempt and tells the breaker what was learned. */
export function closeFailed(error: unknown, { target: { backend, evidence }, record, entry, budget }: BegunAttempt, onNetworkDown: () => void): FailureReason {
  if (error instanceof CallerGone) {
    record.cancelled()
    return 'caller_gone'
  }
  const reason = reasonOf(error)
  record.failed(reason)
  // Time that ran out in the queue says nothing of the backend.
  if (!record.isAdmitted) return reason
  evidence.failed(reason)
  // The supervisor knows the local engine better than a count of failures does.
  if (backend.kind === 'llama-cpp' || reason === 'internal' || reason === 'diverged' || error instanceof ShuttingDown) return reason
  if (record.hasSpoken && wasShortOfTime(reason, backend.limits, budget)) entry.withdrawn()
  else if (reason === 'content_filtered' || reason === 'rejected' || reason === 'context_length_exceeded' || reason === 'invalid_answer') entry.alive()
  else entry.failed(reason, error instanceof BackendError ? error.retryAfterSeconds : undefined)
  if (reason === 'network_down' && !backend.isLocal) onNetworkDown()
  return reason
}

export function reasonOf(error: unknown): FailureReason {
  if (error instanceof BackendError) return error.reason
  if (error instanceof QueueFull) return 'queue_full'
  return error instanceof DeadlinePassed ? 'deadline' : 'internal'
}

/** It was this request that had less time than the backend may take: nothing is learned from that. */
function wasShortOfTime(reason: FailureReason, { timeoutMs = Infinity }: AttemptLimits, budget: Budget): boolean {
  return reason === 'deadline' || (reason === 'attempt_timeout' && budget.timeoutMs < timeoutMs)
}
