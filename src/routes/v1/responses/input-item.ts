// One item of a conversation as POST /v1/responses takes it: said, called, or what a call gave.
import { z } from 'zod'
import { picture } from '../../body/content.ts'
import { promptText, wellFormed } from '../../body/fields.ts'
import { callArguments } from '../../body/messages.ts'

const id = z.string('must be a text').nullish()
const imageRule = 'must be a picture at https://… or as data:image/…;base64,…; uploaded files (file_id) are not supported'

const inputText = z.object({ type: z.literal('input_text'), text: wellFormed })
const inputImage = z.object({
  type: z.literal('input_image'),
  image_url: z.string(imageRule).regex(picture, imageRule),
  detail: z.enum(['auto', 'low', 'high'], 'must be auto, low or high').nullish()
})
const outputText = z.object({ type: z.literal('output_text'), text: wellFormed })
const refusal = z.object({ type: z.literal('refusal'), refusal: wellFormed })

const partSchema = z.discriminatedUnion('type', [inputText, inputImage, outputText, refusal], { error: notSupported('input_text, input_image, output_text or refusal') })
const resultPartSchema = z.discriminatedUnion('type', [inputText, outputText], { error: notSupported('input_text: the result of a call is text') })

const roles = ['user', 'assistant', 'system', 'developer'] as const

const messageSchema = z.object({
  type: z.literal('message'),
  id,
  role: z.enum(roles, `must be one of ${roles.join(', ')}`),
  content: z.array(partSchema, 'must be a text or a list of parts').min(1, 'must have at least one part')
}).superRefine(({ role, content }, context) => {
  if (role === 'user') return
  for (const [index, { type }] of content.entries()) if (type === 'input_image') context.addIssue({ code: 'custom', path: ['content', index, 'type'], message: 'pictures belong in the messages of the user' })
})

const itemUnion = z.discriminatedUnion('type', [
  messageSchema,
  z.object({ type: z.literal('function_call'), id, call_id: promptText, name: promptText, arguments: callArguments }),
  z.object({ type: z.literal('function_call_output'), id, call_id: promptText, output: z.array(resultPartSchema, 'must be a text or a list of parts') }),
  z.looseObject({ type: z.literal('reasoning'), id }),
  z.object({ type: z.literal('item_reference'), id: promptText })
], { error: notSupported('message, function_call, function_call_output, reasoning or item_reference') })

/** Texts become lists of one part, so that whoever reads an item meets one form. */
export const inputItemSchema = z.preprocess(inFullForm, itemUnion)

export const inputSchema = z.preprocess(
  (input) => typeof input === 'string' ? [{ role: 'user', content: input }] : input,
  z.array(inputItemSchema, 'is missing; give a text or a list of items').min(1, 'must have at least one item')
)

export type InputItem = z.output<typeof inputItemSchema>
export type MessageItem = Extract<InputItem, { type: 'message' }>
export type CallItem = Extract<InputItem, { type: 'function_call' }>
export type ContentPart = MessageItem['content'][number]

/** What clients may leave out: the type where the other fields tell it, and the list around a single text. */
function inFullForm(item: unknown): unknown {
  if (typeof item !== 'object' || item === null) return item
  const { type, role, content, output } = item as Record<string, unknown>
  const full = { ...item, type: type ?? (role === undefined ? 'item_reference' : 'message') }
  if (typeof content === 'string') return { ...full, content: [{ type: role === 'assistant' ? 'output_text' : 'input_text', text: content }] }
  return typeof output === 'string' ? { ...full, output: [{ type: 'input_text', text: output }] } : full
}

function notSupported(types: string): (issue: { input?: unknown }) => string {
  return ({ input }) => {
    const type = (input as { type?: unknown } | null | undefined)?.type
    return type === undefined ? `must be an object with a type of ${types}` : `${JSON.stringify(type)} is not supported here; use ${types}`
  }
}
