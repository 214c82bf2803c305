// Items of a conversation as /v1/responses gives them.
import { z } from 'zod'
import type { OutputItem } from '../../routes/v1/responses/output-item.ts'

const status = z.enum(['in_progress', 'completed', 'incomplete'])
const text = z.object({ type: z.literal('output_text'), text: z.string(), annotations: z.tuple([]), logprobs: z.array(z.unknown()) })
export const summarySchema = z.object({ type: z.literal('summary_text'), text: z.string() })
export const partSchema = z.union([text, summarySchema])

export const outputItemSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('message'), id: z.string(), status, role: z.literal('assistant'), content: z.array(text) }),
  z.object({ type: z.literal('reasoning'), id: z.string(), status, summary: z.array(summarySchema) }),
  z.object({ type: z.literal('function_call'), id: z.string(), status, call_id: z.string(), name: z.string(), arguments: z.string() })
]).meta({ id: 'OutputItem' }) satisfies z.ZodType<OutputItem>

export const itemPageSchema = z.object({
  object: z.literal('list'),
  data: z.array(z.looseObject({ type: z.string(), id: z.string(), status })).meta({ description: 'Items in the form in which they were sent, texts as lists of parts.' }),
  first_id: z.string().nullable(),
  last_id: z.string().nullable(),
  has_more: z.boolean()
}).meta({ id: 'ItemPage' })
