// The body of POST /v1/completions: a text to go on from as it is.
import { z } from 'zod'
import type { InferenceRequest } from '../../inference/request.ts'
import { integer, promptText, refused } from '../body/fields.ts'
import { commonFields, commonRequest } from './common-fields.ts'

const promptRule = 'must be one text; lists of prompts and token numbers are not supported'
const example = 'The body must be a JSON object, for example {"model": "default", "prompt": "Once upon a time"}'

export const completionBodySchema = z.object({
  ...commonFields,
  prompt: z.union([promptText, z.tuple([promptText]).transform(([prompt]) => prompt)], promptRule),
  suffix: refused('is not supported. Send the request without it'),
  logprobs: refused('is not supported here. Use /v1/chat/completions, where a backend that can gives them'),
  echo: z.literal(false, 'is not supported: the answer never repeats the prompt').nullish(),
  best_of: integer(1, 20).refine((count) => count === 1, 'must be 1: Switch makes one answer a request').nullish()
}, { error: ({ code }) => code === 'invalid_type' ? example : undefined })

export type CompletionBody = z.output<typeof completionBodySchema>

/** The body as the inference takes it. */
export function toInferenceRequest(body: CompletionBody): InferenceRequest {
  return { ...commonRequest(body), messages: [], rawPrompt: body.prompt }
}
