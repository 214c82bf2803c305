// The beginning of an attempt in the chain: its record, its time and its way past the breaker, or the reason why there is none.
import type { Entry } from './breaker.ts'
import { attemptBudget, reserveMs } from './budget.ts'
import type { Budget } from './budget.ts'
import { ableAfter } from './chain-call.ts'
import type { ChainCall } from './chain-call.ts'
import type { Failure } from './chain-errors.ts'
import { obstacle, unfitness } from './obstacle.ts'
import { loadWaitMs } from './readiness.ts'
import type { OpenAttempt } from './receipt.ts'
import type { InferenceRequest } from './request.ts'
import type { GatedBackend } from './target.ts'

export type BegunAttempt = {
  readonly target: GatedBackend
  readonly record: OpenAttempt
  readonly entry: Entry
  readonly budget: Budget
}

/** An attempt that failed, or was not made at all. */
export type FailedAttempt = {
  readonly failure: Failure
  readonly isProbe: boolean
  /** Undefined when there was no time for it. */
  readonly budget: Budget | undefined
}

/** Opens the record of an attempt at the target; it is closed again when the target is not to be asked. */
export function beginAttempt(call: ChainCall, index: number, isRetry: boolean, failures: readonly Failure[]): BegunAttempt | FailedAttempt {
  const target = call.targets[index]!
  const { backend, breaker } = target
  const record = call.receipt.begin(backend.name, modelOf(backend, call.request))
  const budget = budgetOf(call, index)
  const unfit = unfitness(target, call.needs, failures)
  const entry = budget === undefined || unfit ? undefined : breaker.enter(isRetry)
  if (budget !== undefined && entry !== undefined) return { target, record, entry, budget }
  const failure = obstacle(target, call.deadline, budget, unfit)
  record.skipped(failure.reason)
  return { failure, isProbe: false, budget }
}

/** The model that answers: the backend's own, or the one that the caller named where it takes any. */
export function modelOf(backend: GatedBackend['backend'], request: InferenceRequest): string {
  const { model } = backend.state()
  return model === '*' ? request.model ?? model : model
}

function budgetOf(call: ChainCall, index: number): Budget | undefined {
  const remainingMs = call.deadline.remainingMs()
  if (loadsTooLong(call, index, remainingMs)) return undefined
  return attemptBudget(call.targets[index]!.backend.limits, remainingMs, reserveMs(ableAfter(call, index), call.request, remainingMs))
}

/** Its model is not loaded and would not be in time, while another backend may answer. It is loaded for those who come later. */
function loadsTooLong(call: ChainCall, index: number, remainingMs: number): boolean {
  const { backend } = call.targets[index]!
  if ((loadWaitMs(backend.state()) ?? 0) < remainingMs || ableAfter(call, index).length === 0) return false
  backend.modelControl?.load().catch(() => undefined)
  return true
}
