// The fields that chat completions and plain completions share, and what servers disagree about.
import type { ChatCompletionCreateParamsStreaming } from 'openai/resources/chat/completions'
import type { InferenceRequest } from '../../inference/request.ts'

export type Dialect = {
  /** `*`: whatever the request names. */
  readonly model: string
  /** api.openai.com refuses `max_tokens` for its newer models; others know nothing else. */
  readonly maxTokensField: 'max_tokens' | 'max_completion_tokens'
  /** How thinking is switched on and off; none: by `reasoning_effort` alone. */
  readonly thinkingStyle: 'deepseek' | 'none'
  /** False: tools are never sent, not even to say that none may be called. */
  readonly hasTools: boolean
}

/** `T` with fields that may be undefined, which JSON leaves out. */
export type Open<T> = { [K in keyof T]: T[K] | undefined }

export type CommonBody = Open<Pick<ChatCompletionCreateParamsStreaming,
  'model' | 'stream' | 'stream_options' | 'max_tokens' | 'max_completion_tokens' | 'temperature' | 'top_p' | 'stop' | 'seed' | 'frequency_penalty' | 'presence_penalty'>>

/** What the request leaves open stays undefined, so that the server's own default counts. */
export function commonBody(request: InferenceRequest, { model, maxTokensField }: Pick<Dialect, 'model' | 'maxTokensField'>): CommonBody {
  return {
    model: model === '*' ? request.model ?? '' : model,
    stream: true,
    stream_options: { include_usage: true },
    [maxTokensField]: request.maxTokens,
    temperature: request.temperature,
    top_p: request.topP,
    stop: request.stop.length > 0 ? [...request.stop] : undefined,
    seed: request.seed,
    frequency_penalty: request.frequencyPenalty,
    presence_penalty: request.presencePenalty
  }
}
