// Fields that the bodies of chat completions and completions share.
import { z } from 'zod'
import type { InferenceRequest } from '../../inference/request.ts'
import { decimal, flag, integer, orNull, promptText, stopTexts, wellFormed } from '../body/fields.ts'
import { present } from '../body/present.ts'

const longestHint = 256
/** OpenAI allows 0, which means the likeliest token alone, as the smallest share does. */
const leastTopP = 1e-6

export const oneAnswer = orNull(integer(1, 128).refine((n) => n === 1, 'must be 1: Switch gives one answer a request. Send the request several times'))

export const commonFields = {
  model: orNull(promptText),
  max_tokens: orNull(integer(1, 10_000_000)),
  temperature: orNull(decimal(0, 2)),
  top_p: orNull(decimal(0, 1)),
  frequency_penalty: orNull(decimal(-2, 2)),
  presence_penalty: orNull(decimal(-2, 2)),
  stop: orNull(stopTexts),
  seed: orNull(integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)),
  n: oneAnswer,
  stream: orNull(flag),
  stream_options: orNull(z.object({ include_usage: orNull(flag) }, 'must be an object')),
  logit_bias: orNull(z.record(z.string(), z.unknown(), 'must be an object').refine((bias) => Object.keys(bias).length === 0, 'is not supported. Send the request without it')),
  user: orNull(wellFormed),
  safety_identifier: orNull(wellFormed),
  prompt_cache_key: orNull(wellFormed)
}

type CommonBody = z.output<z.ZodObject<typeof commonFields>>

/** What the shared fields ask of the inference. */
export function commonRequest(body: CommonBody): Pick<InferenceRequest, 'stop'> & Partial<InferenceRequest> {
  const hint = body.prompt_cache_key || body.user || body.safety_identifier
  return {
    stop: body.stop ?? [],
    ...present({
      maxTokens: body.max_tokens,
      temperature: body.temperature,
      topP: body.top_p === undefined ? undefined : Math.max(body.top_p, leastTopP),
      frequencyPenalty: body.frequency_penalty,
      presencePenalty: body.presence_penalty,
      seed: body.seed,
      sessionId: hint?.slice(0, longestHint) || undefined
    })
  }
}
