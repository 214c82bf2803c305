// Why an answer ended, in the many words of many servers.
import type { FinishReason } from '../../inference/request.ts'

export type WireFinish = FinishReason | 'content_filter' | 'error'

const known = new Map<string, WireFinish>([
  ['length', 'length'], ['max_tokens', 'length'], ['model_length', 'length'],
  ['tool_calls', 'tool_calls'], ['function_call', 'tool_calls'],
  ['content_filter', 'content_filter'],
  // OpenRouter, when the provider behind it broke down.
  ['error', 'error']
])

/** Undefined while the answer goes on: some gateways send '' for null. A word nobody knows is an ordinary end. */
export function finishOf(value: unknown): WireFinish | undefined {
  if (typeof value !== 'string' || value === '') return undefined
  return known.get(value) ?? 'stop'
}
