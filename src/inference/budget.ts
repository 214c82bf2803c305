// How much of a request's time one attempt may use, so that the local model behind it still has what it needs.
import type { AttemptLimits } from '../backends/backend.ts'
import type { InferenceRequest } from './request.ts'
import { loadWaitMs, willAnswer } from './readiness.ts'
import type { GatedBackend } from './target.ts'

/** Limits of one attempt in milliseconds; Infinity: only the deadline counts. */
export type Budget = {
  /** The whole attempt, waiting for the gate included. */
  readonly timeoutMs: number
  /** Until the first token, waiting for the gate included. */
  readonly firstTokenMs: number
  /** Between two tokens. */
  readonly idleMs: number
}

/** An attempt with less than this is not started. */
const leastMs = 20
/** Kept back for a local model of which no answer was seen yet. */
const assumedReserveMs = 2000
/** No more than this share of what is left is kept back. */
const largestReserveShare = 0.5
/** Longer than the mean, since about half of the answers take longer than that. */
const caution = 1.5
/** Tokens of an answer whose length the caller did not bound. */
const usualTokens = 128

/** The time to keep back for the first local backend among `later`, from its own measured speed and, where its model must be loaded first, from its last load. */
export function reserveMs(later: readonly GatedBackend[], request: InferenceRequest, remainingMs: number): number {
  const local = later.find(({ backend }) => backend.isLocal && willAnswer(backend.state()))
  if (local === undefined) return 0
  const expected = local.evidence.expectedMs(Math.min(request.maxTokens ?? usualTokens, usualTokens))
  const answerMs = expected === undefined ? assumedReserveMs : expected * caution + local.gate.state().expected_wait_ms
  return Math.min(answerMs + (loadWaitMs(local.backend.state()) ?? 0), remainingMs * largestReserveShare)
}

/** What an attempt may use of `remainingMs`; undefined when that is too little to begin. */
export function attemptBudget(limits: AttemptLimits, remainingMs: number, reserve: number): Budget | undefined {
  const ownMs = remainingMs - reserve
  if (ownMs < leastMs) return undefined
  const own = reserve === 0 ? Infinity : ownMs
  return {
    // An answer that is not complete by then goes on at the local model, which still has its time.
    timeoutMs: Math.min(limits.timeoutMs ?? Infinity, own),
    firstTokenMs: Math.min(limits.firstTokenMs ?? Infinity, own),
    idleMs: limits.idleMs ?? Infinity
  }
}
