// A conversation in OpenAI's form, read into the domain's messages.
import { z } from 'zod'
import type { Message } from '../../inference/request.ts'
import { textContent, userContent } from './content.ts'
import { functionName, objectOf, promptText, wellFormed } from './fields.ts'
import type { Strictness } from './fields.ts'

const roles = 'system, developer, user, assistant, tool'

/** Arguments of a call: JSON in a text, as OpenAI has it; none are an empty object. */
export const callArguments = wellFormed.transform((text, context) => {
  if (text.trim() === '') return '{}'
  if (isJson(text)) return text
  context.addIssue({ code: 'custom', message: 'must be JSON, as a text' })
  return z.NEVER
})

/** The messages of a body, oldest first. */
export function messagesSchema(strictness: Strictness) {
  const object = objectOf(strictness)
  const message = z.discriminatedUnion('role', [
    object({ role: z.enum(['system', 'developer']), content: textContent(strictness, false) })
      .transform(({ content }): Message => ({ role: 'system', content })),
    object({ role: z.literal('user'), content: userContent(strictness) }).transform((given): Message => given),
    object({ role: z.literal('tool'), tool_call_id: promptText, content: textContent(strictness, true) })
      .transform(({ content, tool_call_id: toolCallId }): Message => ({ role: 'tool', content, toolCallId })),
    assistantMessage(strictness)
  ], { error: ({ code }) => (code as string) === 'invalid_type' ? 'must be a message, for example {"role": "user", "content": "Hello"}' : `must be one of ${roles}` })
  return z.array(message, 'must be a list of messages').min(1, 'must have at least one message').superRefine(checkOrder)
}

function assistantMessage(strictness: Strictness) {
  const object = objectOf(strictness)
  const call = object({
    id: promptText,
    type: z.literal('function', 'must be function; other tools are not supported'),
    function: object({ name: functionName, arguments: callArguments })
  }).transform(({ id, function: called }) => ({ id, ...called }))
  const schema = object({
    role: z.literal('assistant'),
    content: textContent(strictness, true).nullish(),
    refusal: wellFormed.nullish(),
    tool_calls: z.array(call, 'must be a list of calls').nullish()
  })
  return schema.transform(({ content, refusal, tool_calls: toolCalls }, context): Message => {
    const text = content || refusal || ''
    if (text === '' && !toolCalls?.length && (strictness === 'refuses-unknown' || content === undefined)) context.addIssue({ code: 'custom', path: ['content'], message: 'must not be empty without tool_calls' })
    return { role: 'assistant', content: text, ...(toolCalls?.length && { toolCalls }) }
  })
}

/** Every call has its result directly behind it, every result its call, and the last word is not the assistant's. */
function checkOrder(messages: readonly Message[], context: z.RefinementCtx): void {
  const complain = (index: number, field: string, message: string) => context.addIssue({ code: 'custom', path: [index, field], message })
  let open = new Map<string, number>()
  for (const [index, message] of messages.entries()) {
    if (message.role === 'tool') {
      if (!open.delete(message.toolCallId)) complain(index, 'tool_call_id', 'must name a call of the assistant directly before it that has no result yet')
      continue
    }
    reportOpen(open, complain)
    open = new Map(message.role === 'assistant' ? message.toolCalls?.map(({ id }) => [id, index]) : [])
  }
  reportOpen(open, complain)
  if (messages.at(-1)?.role === 'assistant' && open.size === 0) complain(messages.length - 1, 'role', 'must not be assistant in the last message')
}

function reportOpen(open: ReadonlyMap<string, number>, complain: (index: number, field: string, message: string) => void): void {
  for (const [id, index] of open) complain(index, 'tool_calls', `must be followed by a tool message for the call ${JSON.stringify(id)}`)
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
