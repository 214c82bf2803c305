// Why a backend is not asked at all.
import type { Budget } from './budget.ts'
import type { Failure } from './chain-errors.ts'
import type { Deadline } from './deadline.ts'
import { BackendError, DeadlinePassed } from './failure.ts'
import { fieldBeyond } from './route.ts'
import type { Needs } from './route.ts'
import type { GatedBackend } from './target.ts'

/** What keeps a backend from being of use for this request; undefined: nothing does. */
export function unfitness(target: GatedBackend, needs: Needs, failures: readonly Failure[]): BackendError | undefined {
  return unable(target, needs) ?? tooLong(target, failures)
}

/** After a backend found the prompt too long, only a larger context is worth a try. */
function tooLong({ backend }: GatedBackend, failures: readonly Failure[]): BackendError | undefined {
  const own = backend.capabilities.contextLength
  const tooSmall = failures.filter(({ reason }) => reason === 'context_length_exceeded').map(({ target, error }) => (error instanceof BackendError ? error.facts['context_length'] : undefined) ?? target.backend.capabilities.contextLength)
  if (own === undefined || !tooSmall.some((length) => length !== undefined && own <= length)) return undefined
  return new BackendError(backend.name, 'context_length_exceeded', `The prompt is longer than the context of ${backend.name} (${own} tokens). Shorten it.`, { facts: { context_length: own } })
}

/** A need is never dropped in silence: who cannot meet it is not asked, and the receipt says so. */
function unable({ backend }: GatedBackend, needs: Needs): BackendError | undefined {
  const field = fieldBeyond(backend, needs)
  return field === undefined ? undefined : new BackendError(backend.name, 'unsupported', `${backend.name} does not support ${field}`)
}

/** The reason as the receipt has it: what it cannot do, no time left, or an open breaker. */
export function obstacle(target: GatedBackend, deadline: Deadline, budget: Budget | undefined, unfit: BackendError | undefined): Failure {
  if (unfit?.reason === 'unsupported') return { target, reason: unfit.reason, error: unfit }
  if (budget === undefined) return { target, reason: 'no_time', error: new DeadlinePassed(deadline.seconds) }
  const error = unfit ?? circuitOpen(target)
  return { target, reason: error.reason, error }
}

function circuitOpen({ backend, breaker }: GatedBackend): BackendError {
  const { reason, retry_in_ms = 0 } = breaker.state()
  return new BackendError(backend.name, 'circuit_open', `${backend.name} failed a moment ago (${reason}) and is left alone for ${Math.ceil(retry_in_ms / 1000)} s`, { retryAfterSeconds: Math.max(1, Math.ceil(retry_in_ms / 1000)) })
}
