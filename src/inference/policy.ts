// What to do after an attempt failed: decided from the reason, the tries and the time alone.
import type { FailureReason } from './failure.ts'

export type Situation = {
  readonly reason: FailureReason
  /** What the backend asked for. */
  readonly retryAfterSeconds: number | undefined
  /** Attempts made at this backend for this request, this one included. */
  readonly tries: number
  /** True when text of the answer was already received. */
  readonly hasText: boolean
  /** True when this was the one request that tried a backend that had failed before. */
  readonly isProbe: boolean
  /** Milliseconds that this backend may still use. */
  readonly budgetMs: number
  /** From 0 to 1, for the jitter. */
  readonly random: number
}

export type Verdict =
  /** The same backend once more, after this pause. */
  | { readonly action: 'retry', readonly afterMs: number }
  /** The next backend of the route. */
  | { readonly action: 'next' }
  /** Nobody else would answer differently, or what the caller has cannot be mended. */
  | { readonly action: 'stop' }

const next: Verdict = { action: 'next' }
const mostTries = 2
const pauseMs = 150
const rateLimitPauseMs = 500
/** A pause may use this share of the backend's time. */
const pauseShare = 0.5

export function decide(situation: Situation): Verdict {
  switch (situation.reason) {
    case 'content_filtered':
    case 'rejected':
      return { action: 'stop' }
    case 'invalid_answer':
      return situation.hasText ? { action: 'stop' } : retry(situation, 0)
    case 'connection':
    case 'server_error':
      return retry(situation, jittered(pauseMs, situation.random))
    case 'rate_limited':
      return retry(situation, situation.retryAfterSeconds === undefined ? jittered(rateLimitPauseMs, situation.random) : situation.retryAfterSeconds * 1000)
    default:
      return next
  }
}

function retry({ tries, hasText, isProbe, budgetMs }: Situation, afterMs: number): Verdict {
  const isWorthIt = tries < mostTries && !hasText && !isProbe && afterMs <= budgetMs * pauseShare
  return isWorthIt ? { action: 'retry', afterMs } : next
}

/** Between a half and one and a half of `ms`, so that callers that failed together do not come back together. */
function jittered(ms: number, random: number): number {
  return ms * (0.5 + random)
}
