// What the body of POST /v1/responses asks, in the terms of the inference.
import type { InferenceRequest, Message, ResponseFormat } from '../../../inference/request.ts'
import { present } from '../../body/present.ts'
import { thinkingOf } from '../../body/thinking.ts'
import { commonRequest } from '../common-fields.ts'
import { toolsOf } from './create-body.ts'
import type { CreateBody } from './create-body.ts'

/** @param messages the whole conversation, that of earlier answers included */
export function toInferenceRequest(body: CreateBody, messages: readonly Message[]): InferenceRequest {
  const { tool_choice: toolChoice, parallel_tool_calls: parallelToolCalls } = body
  const tools = toolsOf(body)
  const effort = body.reasoning?.effort
  return {
    ...commonRequest(body),
    messages,
    ...present({
      maxTokens: body.max_output_tokens ?? body.max_tokens,
      responseFormat: responseFormatOf(body),
      logprobs: logprobsOf(body),
      reasoningEffort: effort
    }),
    ...(tools.length > 0 && { tools, ...present({ toolChoice: typeof toolChoice === 'object' ? { name: toolChoice.name } : toolChoice, parallelToolCalls }) }),
    ...thinkingOf(body.model, effort)
  }
}

function responseFormatOf({ text }: CreateBody): ResponseFormat | undefined {
  const format = text?.format
  if (format === undefined || format.type === 'text') return undefined
  if (format.type === 'json_object') return { type: 'json_object' }
  const { name, schema, strict } = format
  return { type: 'json_schema', json_schema: { name, schema, ...present({ strict }) } }
}

/** Asked for by their number, or by name in `include`. */
function logprobsOf({ include, top_logprobs: count }: CreateBody): number | undefined {
  return count ?? (include?.includes('message.output_text.logprobs') ? 0 : undefined)
}
