// When the first token of a request came, by its receipt.
import type { Attempt } from '../../../inference/receipt.ts'

/** Milliseconds from the beginning of the request, by any attempt; undefined when none came. */
export function firstTokenOf(attempts: readonly Pick<Attempt, 'started_ms' | 'first_token_ms'>[]): number | undefined {
  const times = attempts.flatMap(({ started_ms, first_token_ms }) => first_token_ms === null ? [] : started_ms + first_token_ms)
  return times.length === 0 ? undefined : Math.min(...times)
}
