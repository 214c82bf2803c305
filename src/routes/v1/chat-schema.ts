// The body of POST /v1/chat/completions and what it means in the terms of the inference.
import { z } from 'zod'
import type { InferenceRequest } from '../../inference/request.ts'
import { flag, integer, orNull, refused } from '../body/fields.ts'
import { messagesSchema } from '../body/messages.ts'
import { present } from '../body/present.ts'
import { responseFormatSchema } from '../body/response-format.ts'
import { thinkingOf } from '../body/thinking.ts'
import { choiceProblem, toolChoiceSchema, toolsSchema } from '../body/tools.ts'
import { commonFields, commonRequest } from './common-fields.ts'

const efforts = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const
export const reasoningEffort = z.enum(efforts, `must be one of ${efforts.join(', ')}`)

const example = 'The body must be a JSON object, for example {"model": "default", "messages": [{"role": "user", "content": "Hello"}]}'

const fields = z.object({
  ...commonFields,
  messages: messagesSchema('ignores-unknown'),
  max_completion_tokens: orNull(integer(1, 10_000_000)),
  response_format: orNull(responseFormatSchema('ignores-unknown')),
  tools: orNull(toolsSchema('ignores-unknown')),
  tool_choice: orNull(toolChoiceSchema('ignores-unknown')),
  parallel_tool_calls: orNull(flag),
  reasoning_effort: orNull(reasoningEffort),
  logprobs: orNull(flag),
  top_logprobs: orNull(integer(0, 20)),
  modalities: orNull(z.array(z.literal('text', 'must be text; sound is not supported'), 'must be a list')),
  functions: refused('is the old form of tools. Send tools instead'),
  function_call: refused('is the old form of tool_choice. Send tool_choice instead')
}, { error: ({ code }) => code === 'invalid_type' ? example : undefined })

export const chatBodySchema = fields.superRefine((body, context) => {
  const problem = choiceProblem(body.tool_choice, body.tools)
  if (problem !== undefined) context.addIssue({ code: 'custom', path: ['tool_choice'], message: problem })
  if (body.top_logprobs !== undefined && !body.logprobs) context.addIssue({ code: 'custom', path: ['top_logprobs'], message: 'needs logprobs to be true' })
})

export type ChatBody = z.output<typeof chatBodySchema>

/** The body as the inference takes it. */
export function toInferenceRequest(body: ChatBody): InferenceRequest {
  const { tools, tool_choice: toolChoice, parallel_tool_calls: parallelToolCalls, reasoning_effort: effort } = body
  return {
    ...commonRequest(body),
    messages: body.messages,
    ...present({
      maxTokens: body.max_completion_tokens ?? body.max_tokens,
      responseFormat: body.response_format,
      logprobs: body.logprobs ? body.top_logprobs ?? 0 : undefined,
      reasoningEffort: effort
    }),
    ...(tools?.length && { tools, ...present({ toolChoice, parallelToolCalls }) }),
    ...thinkingOf(body.model, effort)
  }
}
