// Why a piece of work failed, in the words of the protocol.
import { CallerGone } from '../../../inference/failure.ts'
import type { EngineFailure } from '../protocol.ts'
import { UnusableSchema } from './json-grammar/unusable-schema.ts'
import { PromptTooLong } from './prompt/prompt-too-long.ts'
import { Rejected } from './rejected.ts'

/** Undefined: nobody waits for it any more. */
export function failureOf(error: unknown): EngineFailure | undefined {
  if (error instanceof CallerGone) return undefined
  if (error instanceof PromptTooLong) {
    return { reason: 'context_length_exceeded', message: error.message, facts: { prompt_tokens: error.promptTokens, context_length: error.contextLength } }
  }
  const reason = error instanceof Rejected || error instanceof UnusableSchema ? 'rejected' : 'internal'
  return { reason, message: error instanceof Error ? error.message : String(error) }
}
