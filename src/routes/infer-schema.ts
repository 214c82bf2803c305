// The body of POST /switch/infer and what it means in the terms of the inference.
import { z } from 'zod'
import type { InferenceOptions } from '../inference/inference.ts'
import type { InferenceRequest, Message, ResponseFormat, Tool } from '../inference/request.ts'

/** Priorities by the name of the calling service; lower goes first. */
export const priorityOf = { shub: 0, operator: 1, tentaculo_link: 1, madre: 2, hijas: 3 } as const
const otherPriority = 4

const wellFormed = z.string('must be a text').refine((value) => value.isWellFormed(), 'must be valid Unicode, but has half of a surrogate pair')
const promptText = wellFormed.min(1, 'must not be empty')

const stopRule = 'must be a text, or up to 16 texts, of 1 to 256 characters each'
const stopText = wellFormed.min(1, stopRule).max(256, stopRule)
const priorityRule = `must be a whole number from 0 to 9 or one of ${Object.keys(priorityOf).join(', ')}`

const integer = (min: number, max: number) => {
  const message = `must be a whole number from ${min} to ${max}`
  return z.number(message).int(message).min(min, message).max(max, message)
}

const decimal = (min: number, max: number) => {
  const message = `must be a number from ${min} to ${max}`
  return z.number(message).min(min, message).max(max, message)
}

const roles = ['system', 'user', 'assistant'] as const

const messageSchema = z.strictObject({
  role: z.enum(roles, `must be one of ${roles.join(', ')}`),
  content: promptText
})

const responseFormatSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text') }),
  z.strictObject({ type: z.literal('json_object') }),
  z.strictObject({ type: z.literal('json_schema'), json_schema: z.strictObject({ name: z.string().regex(/^[\w-]{1,64}$/, 'must have 1 to 64 letters, digits, _ or -'), schema: z.record(z.string(), z.unknown()).optional(), strict: z.boolean().optional() }) })
], 'must have a type of text, json_object or json_schema')

const toolSchema = z.strictObject({
  type: z.literal('function', 'must be function'),
  function: z.strictObject({ name: z.string().regex(/^[\w-]{1,64}$/, 'must have 1 to 64 letters, digits, _ or -'), description: wellFormed.optional(), parameters: z.record(z.string(), z.unknown()).optional() })
})

const fields = z.strictObject({
  prompt: promptText.optional(),
  message: promptText.optional(),
  messages: z.array(messageSchema).min(1, 'must have at least one message').optional(),
  system: promptText.optional(),
  model: promptText.optional(),
  context_length: integer(1, 10_000_000).optional(),
  max_tokens: integer(1, 10_000_000).optional(),
  temperature: decimal(0, 2).optional(),
  top_p: z.number('must be a number above 0, at most 1').gt(0, 'must be above 0').max(1, 'must be at most 1').optional(),
  stop: z.union([stopText, z.array(stopText).max(16, stopRule)], stopRule).optional(),
  seed: integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER).optional(),
  timeout_seconds: decimal(0.1, 3600).optional(),
  response_format: responseFormatSchema.optional(),
  tools: z.array(toolSchema).max(128, 'must have at most 128 tools').optional(),
  tool_choice: z.unknown().optional(),
  stream: z.boolean('must be true or false').optional(),
  priority: z.union([z.int(priorityRule).min(0, priorityRule).max(9, priorityRule), z.enum(Object.keys(priorityOf), priorityRule)], priorityRule).optional(),
  session_id: promptText.max(256, 'must have at most 256 characters').optional()
}, { error: (issue) => issue.code === 'invalid_type' ? 'The body must be a JSON object, for example {"prompt": "Hello"}' : undefined })

const inputs = ['prompt', 'message', 'messages'] as const

export const inferBodySchema = fields.superRefine((body, context) => {
  const given = inputs.filter((name) => body[name] !== undefined)
  if (given.length === 0) context.addIssue({ code: 'custom', path: ['prompt'], message: 'is missing; give prompt, message or messages' })
  for (const name of given.slice(1)) context.addIssue({ code: 'custom', path: [name], message: `cannot stand beside ${given[0]}; give only one of ${inputs.join(', ')}` })
  const last = body.messages?.at(-1)
  if (last && last.role !== 'user') context.addIssue({ code: 'custom', path: ['messages', body.messages!.length - 1, 'role'], message: 'must be user in the last message' })
})

export type InferBody = z.output<typeof inferBodySchema>

/** The body as the inference takes it. */
export function toInferenceRequest(body: InferBody): InferenceRequest {
  return {
    messages: messagesOf(body),
    stop: typeof body.stop === 'string' ? [body.stop] : body.stop ?? [],
    ...(body.context_length !== undefined && { contextLength: body.context_length }),
    ...(body.max_tokens !== undefined && { maxTokens: body.max_tokens }),
    ...(body.temperature !== undefined && { temperature: body.temperature }),
    ...(body.top_p !== undefined && { topP: body.top_p }),
    ...(body.seed !== undefined && { seed: body.seed }),
    ...(body.tools?.length && { tools: body.tools as Tool[], ...(body.tool_choice !== undefined && { toolChoice: body.tool_choice }) }),
    ...(body.response_format && body.response_format.type !== 'text' && { responseFormat: body.response_format as ResponseFormat }),
    ...thinkingOf(body.model),
    ...(body.session_id !== undefined && { sessionId: body.session_id })
  }
}

/** The route reasoning is to think, the others are to answer at once; a backend asked by name keeps its own habit. */
function thinkingOf(model: string | undefined): { thinking?: boolean } {
  if (model === 'reasoning') return { thinking: true }
  return model === undefined || model === 'default' || model === 'fast' ? { thinking: false } : {}
}

/** How the body wants to be handled. */
export function toInferenceOptions(body: InferBody, defaultTimeoutSeconds: number, callerSignal: AbortSignal): InferenceOptions {
  return {
    model: body.model,
    timeoutSeconds: body.timeout_seconds ?? defaultTimeoutSeconds,
    priority: typeof body.priority === 'string' ? priorityOf[body.priority as keyof typeof priorityOf] : body.priority ?? otherPriority,
    isShown: body.stream ?? false,
    callerSignal
  }
}

/** The text that the answer echoes as `prompt`: the caller's last words. */
export function promptOf(body: InferBody): string {
  return body.prompt ?? body.message ?? body.messages!.at(-1)!.content
}

function messagesOf(body: InferBody): Message[] {
  const conversation = body.messages ?? [{ role: 'user' as const, content: promptOf(body) }]
  return body.system === undefined ? conversation : [{ role: 'system', content: body.system }, ...conversation]
}
