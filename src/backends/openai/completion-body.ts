// The body of POST /completions: text that is gone on from as it is.
import type { InferenceRequest } from '../../inference/request.ts'
import { commonBody } from './common-body.ts'
import type { Dialect } from './common-body.ts'

/** JSON text. This route never learnt the newer name of `max_tokens`, and its `logprobs` is a number. */
export function completionBody(request: InferenceRequest, { model }: Dialect): string {
  return JSON.stringify({ ...commonBody(request, { model, maxTokensField: 'max_tokens' }), prompt: request.rawPrompt, logprobs: request.logprobs })
}
