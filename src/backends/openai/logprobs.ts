// Log probabilities as servers send them, in the form of chat completions.
import { isWire } from './wire.ts'

/** The entries in the `logprobs` of a choice; plain completions have them as lists side by side. */
export function logprobEntries(value: unknown): readonly unknown[] {
  if (!isWire(value)) return []
  const { content, tokens, token_logprobs: logprobs, top_logprobs: others } = value
  if (Array.isArray(content)) return content
  if (!Array.isArray(tokens) || !Array.isArray(logprobs)) return []
  return tokens.map((token: unknown, index) => ({ token, logprob: logprobs[index] as unknown, bytes: null, top_logprobs: otherTokens(Array.isArray(others) ? others[index] : undefined) }))
}

function otherTokens(logprobs: unknown): object[] {
  return isWire(logprobs) ? Object.entries(logprobs).map(([token, logprob]) => ({ token, logprob, bytes: null })) : []
}
