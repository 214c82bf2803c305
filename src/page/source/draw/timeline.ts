// A receipt as bars: where each attempt stands on the time of its request, in per cent of the whole.
import type { Attempt } from '../../../inference/receipt.ts'

export type Segment = {
  /** queue: behind others. first-token: until the first token came. streaming: from there on. */
  readonly phase: 'queue' | 'first-token' | 'streaming'
  readonly leftPercent: number
  readonly widthPercent: number
  readonly ms: number
}

export type Bar = { readonly attempt: Attempt, readonly segments: readonly Segment[] }

/** Narrower ones could not be seen. */
const leastPercent = 0.6

/** @param latencyMs of the whole request */
export function barsOf(attempts: readonly Attempt[], latencyMs: number): Bar[] {
  const wholeMs = Math.max(1, latencyMs, ...attempts.map(({ started_ms, duration_ms }) => started_ms + duration_ms))
  return attempts.map((attempt) => ({ attempt, segments: segmentsOf(attempt, wholeMs) }))
}

function segmentsOf({ outcome, started_ms, queued_ms, first_token_ms, duration_ms }: Attempt, wholeMs: number): Segment[] {
  if (outcome === 'skipped') return []
  const queueEnd = Math.min(queued_ms, duration_ms)
  const firstEnd = Math.max(queueEnd, Math.min(first_token_ms ?? duration_ms, duration_ms))
  const parts = [['queue', 0, queueEnd], ['first-token', queueEnd, firstEnd], ['streaming', firstEnd, duration_ms]] as const
  const seen = parts.filter(([phase, from, to]) => to > from || (phase === 'first-token' && duration_ms === 0))
  return seen.map(([phase, from, to]) => {
    const widthPercent = Math.max(leastPercent, (to - from) / wholeMs * 100)
    return { phase, leftPercent: Math.min((started_ms + from) / wholeMs * 100, 100 - widthPercent), widthPercent, ms: to - from }
  })
}
