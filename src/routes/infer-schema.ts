// The body of POST /switch/infer and what it means in the terms of the inference.
import { z } from 'zod'
import type { InferenceOptions } from '../inference/inference.ts'
import { textOf } from '../inference/message-text.ts'
import type { InferenceRequest, Message } from '../inference/request.ts'
import { decimal, flag, integer, promptText, stopTexts } from './body/fields.ts'
import { messagesSchema } from './body/messages.ts'
import { present } from './body/present.ts'
import { prioritySchema, usualPriority } from './body/priority.ts'
import { responseFormatSchema } from './body/response-format.ts'
import { thinkingOf } from './body/thinking.ts'
import { choiceProblem, toolChoiceSchema, toolsSchema } from './body/tools.ts'

const fields = z.strictObject({
  prompt: promptText.optional(),
  message: promptText.optional(),
  messages: messagesSchema('refuses-unknown').optional(),
  system: promptText.optional(),
  model: promptText.optional(),
  context_length: integer(1, 10_000_000).optional(),
  max_tokens: integer(1, 10_000_000).optional(),
  temperature: decimal(0, 2).optional(),
  top_p: z.number('must be a number above 0, at most 1').gt(0, 'must be above 0').max(1, 'must be at most 1').optional(),
  stop: stopTexts.optional(),
  seed: integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER).optional(),
  timeout_seconds: decimal(0.1, 3600).optional(),
  response_format: responseFormatSchema('refuses-unknown').optional(),
  tools: toolsSchema('refuses-unknown').optional(),
  tool_choice: toolChoiceSchema('refuses-unknown').optional(),
  stream: flag.optional(),
  priority: prioritySchema.optional(),
  session_id: promptText.max(256, 'must have at most 256 characters').optional()
}, { error: (issue) => issue.code === 'invalid_type' ? 'The body must be a JSON object, for example {"prompt": "Hello"}' : undefined })

const inputs = ['prompt', 'message', 'messages'] as const

export const inferBodySchema = fields.superRefine((body, context) => {
  const given = inputs.filter((name) => body[name] !== undefined)
  if (given.length === 0) context.addIssue({ code: 'custom', path: ['prompt'], message: 'is missing; give prompt, message or messages' })
  for (const name of given.slice(1)) context.addIssue({ code: 'custom', path: [name], message: `cannot stand beside ${given[0]}; give only one of ${inputs.join(', ')}` })
  if (body.messages?.at(-1)?.role === 'system') context.addIssue({ code: 'custom', path: ['messages', body.messages.length - 1, 'role'], message: 'must be user or tool in the last message' })
  const problem = choiceProblem(body.tool_choice, body.tools)
  if (problem !== undefined) context.addIssue({ code: 'custom', path: ['tool_choice'], message: problem })
})

export type InferBody = z.output<typeof inferBodySchema>

/** The body as the inference takes it. */
export function toInferenceRequest(body: InferBody): InferenceRequest {
  const { tools, tool_choice: toolChoice } = body
  return {
    messages: messagesOf(body),
    stop: body.stop ?? [],
    ...present({
      contextLength: body.context_length,
      maxTokens: body.max_tokens,
      temperature: body.temperature,
      topP: body.top_p,
      seed: body.seed,
      responseFormat: body.response_format,
      sessionId: body.session_id
    }),
    ...(tools?.length && { tools, ...present({ toolChoice }) }),
    ...thinkingOf(body.model)
  }
}

/** How the body wants to be handled. */
export function toInferenceOptions(body: InferBody, defaultTimeoutSeconds: number, callerSignal: AbortSignal): InferenceOptions {
  return {
    model: body.model,
    timeoutSeconds: body.timeout_seconds ?? defaultTimeoutSeconds,
    priority: body.priority ?? usualPriority,
    isShown: body.stream ?? false,
    callerSignal
  }
}

/** The text that the answer echoes as `prompt`: the caller's last words. */
export function promptOf(body: InferBody): string {
  return body.prompt ?? body.message ?? textOf(body.messages!.at(-1)!)
}

function messagesOf(body: InferBody): readonly Message[] {
  const conversation = body.messages ?? [{ role: 'user' as const, content: promptOf(body) }]
  return body.system === undefined ? conversation : [{ role: 'system', content: body.system }, ...conversation]
}
