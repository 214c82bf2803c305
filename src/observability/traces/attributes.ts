// Attributes of an attempt's span, by OpenTelemetry's conventions for generative models. The other names are Switch's own.
import type { Attributes } from '@opentelemetry/api'
import type { AttemptEnd, ObservedInference } from '../../inference/observer.ts'
import type { Attempt } from '../../inference/receipt.ts'
import type { InferenceRequest } from '../../inference/request.ts'

export function operationOf(inference: ObservedInference): 'chat' | 'text_completion' | 'embeddings' {
  if ('embedding' in inference) return 'embeddings'
  return inference.request.rawPrompt === undefined ? 'chat' : 'text_completion'
}

export function attributesOfAsking(inference: ObservedInference, provider: string, { backend, model }: Readonly<Attempt>): Attributes {
  return {
    'gen_ai.operation.name': operationOf(inference),
    'gen_ai.provider.name': provider,
    'gen_ai.request.model': model,
    'switch.backend': backend,
    ...('request' in inference && { ...attributesOfRequest(inference.request), ...(inference.isStream && { 'gen_ai.request.stream': true }) })
  }
}

/** What is undefined is left out by the exporter. */
function attributesOfRequest({ maxTokens, temperature, topP, frequencyPenalty, presencePenalty, stop, seed, responseFormat, sessionId }: InferenceRequest): Attributes {
  return {
    'gen_ai.conversation.id': sessionId,
    'gen_ai.output.type': responseFormat === undefined ? undefined : 'json',
    'gen_ai.request.max_tokens': maxTokens,
    'gen_ai.request.temperature': temperature,
    'gen_ai.request.top_p': topP,
    'gen_ai.request.frequency_penalty': frequencyPenalty,
    'gen_ai.request.presence_penalty': presencePenalty,
    'gen_ai.request.seed': seed,
    'gen_ai.request.stop_sequences': stop.length > 0 ? [...stop] : undefined
  }
}

export function attributesOfEnd({ model, outcome, reason, queued_ms, first_token_ms }: Readonly<Attempt>, { answer }: AttemptEnd): Attributes {
  return {
    'switch.attempt.outcome': outcome,
    'switch.attempt.queued_ms': queued_ms,
    ...(first_token_ms !== null && { 'gen_ai.response.time_to_first_chunk': first_token_ms / 1000 }),
    ...(reason !== null && { 'switch.attempt.reason': reason, 'error.type': reason }),
    ...(answer && {
      'gen_ai.response.model': model,
      'gen_ai.usage.input_tokens': answer.usage.prompt_tokens,
      'gen_ai.usage.output_tokens': answer.usage.completion_tokens,
      'gen_ai.usage.cache_read.input_tokens': answer.usage.prompt_tokens_details?.cached_tokens,
      'gen_ai.usage.reasoning.output_tokens': answer.usage.completion_tokens_details?.reasoning_tokens,
      'gen_ai.response.finish_reasons': answer.finishReason && [answer.finishReason]
    })
  }
}
