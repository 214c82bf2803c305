// What every object of a chat completion or completion carries, and the chunks that end its stream.
import { openAiError } from '../../http/openai-error.ts'
import type { ServerEvent } from '../../http/sse.ts'
import type { SwitchError } from '../../inference/errors.ts'
import type { RunningInference } from '../../inference/inference.ts'
import type { Usage } from '../../inference/request.ts'

export const endMark = '[DONE]'

export type CompletionFrame = { readonly id: string, readonly created: number }

/** @param prefix of the id: chatcmpl or cmpl */
export function frameOf(prefix: string, { id }: RunningInference): CompletionFrame {
  return { id: id.replace(/^inf_/, `${prefix}-`), created: Math.floor(Date.now() / 1000) }
}

/** OpenAI's usage, whole: what a backend does not tell is 0. */
export function wholeUsage({ prompt_tokens, completion_tokens, total_tokens, prompt_tokens_details: prompt, completion_tokens_details: completion }: Usage): Required<Usage> {
  return {
    prompt_tokens, completion_tokens, total_tokens,
    prompt_tokens_details: prompt ?? { cached_tokens: 0 },
    completion_tokens_details: completion ?? { reasoning_tokens: 0 }
  }
}

/** The one form of an error within a stream that every client reads: no event name, no [DONE] after it. */
export function errorEvents(error: SwitchError, requestId: string): ServerEvent[] {
  return [{ data: openAiError(error, requestId) }]
}

/** The model that answers, as far as the attempts tell. */
export function answeringModel({ attempts }: RunningInference): string {
  return attempts.at(-1)?.model ?? ''
}
