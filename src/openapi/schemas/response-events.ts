// The events that build up an answer of /v1/responses.
import { z } from 'zod'
import { outputItemSchema, partSchema, summarySchema } from './response-items.ts'
import { responseObjectSchema } from './response-object.ts'
import { count } from './usage.ts'

const item = { item_id: z.string(), output_index: count }
const content = { ...item, content_index: count }
const summary = { ...item, summary_index: count }
const logprobs = z.array(z.unknown())

/** The fields of each event beside its type and number. */
const fields = {
  'response.created': { response: responseObjectSchema },
  'response.in_progress': { response: responseObjectSchema },
  'response.output_item.added': { output_index: count, item: outputItemSchema },
  'response.content_part.added': { ...content, part: partSchema },
  'response.output_text.delta': { ...content, delta: z.string(), logprobs },
  'response.output_text.done': { ...content, text: z.string(), logprobs },
  'response.content_part.done': { ...content, part: partSchema },
  'response.reasoning_summary_part.added': { ...summary, part: summarySchema },
  'response.reasoning_summary_text.delta': { ...summary, delta: z.string() },
  'response.reasoning_summary_text.done': { ...summary, text: z.string() },
  'response.reasoning_summary_part.done': { ...summary, part: summarySchema },
  'response.function_call_arguments.delta': { ...item, delta: z.string() },
  'response.function_call_arguments.done': { ...item, name: z.string(), arguments: z.string() },
  'response.output_item.done': { output_index: count, item: outputItemSchema },
  'response.completed': { response: responseObjectSchema },
  'response.incomplete': { response: responseObjectSchema },
  'response.failed': { response: responseObjectSchema }
}

const events = Object.entries(fields).map(([type, rest]) => {
  return z.object({ event: z.literal(type), data: z.object({ type: z.literal(type), sequence_number: count, ...rest }) })
})

/** The last one is response.completed, response.incomplete or response.failed. */
export const responseEventSchema = z.union(events).meta({ id: 'ResponseEvent', description: 'One Server-Sent Event; its name is the type in its data.' })
