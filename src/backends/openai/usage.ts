// Token counts as a server reports them.
import type { Usage } from '../../inference/request.ts'
import { isWire } from './wire.ts'

/** Undefined when they cannot be true. A missing total is the sum. */
export function usageOf(value: unknown): Usage | undefined {
  if (!isWire(value)) return undefined
  const { prompt_tokens, completion_tokens = 0 } = value
  if (!isCount(prompt_tokens) || !isCount(completion_tokens)) return undefined
  const total_tokens = value['total_tokens'] ?? prompt_tokens + completion_tokens
  return isCount(total_tokens) ? { prompt_tokens, completion_tokens, total_tokens, ...detailsOf(value) } : undefined
}

export function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 1e9
}

function detailsOf({ prompt_tokens_details: prompt, completion_tokens_details: completion }: Readonly<Record<string, unknown>>): Partial<Usage> {
  const cached_tokens = isWire(prompt) ? prompt['cached_tokens'] : undefined
  const reasoning_tokens = isWire(completion) ? completion['reasoning_tokens'] : undefined
  return {
    ...(isCount(cached_tokens) && { prompt_tokens_details: { cached_tokens } }),
    ...(isCount(reasoning_tokens) && { completion_tokens_details: { reasoning_tokens } })
  }
}
