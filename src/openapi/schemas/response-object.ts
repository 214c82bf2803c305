// The object that /v1/responses answers with.
import { z } from 'zod'
import { errorStatus } from '../../inference/errors.ts'
import type { ErrorCode } from '../../inference/errors.ts'
import type { ResponseObject } from '../../routes/v1/responses/response-object.ts'
import { outputItemSchema } from './response-items.ts'
import { count } from './usage.ts'

const usage = z.object({
  input_tokens: count,
  input_tokens_details: z.object({ cached_tokens: count }),
  output_tokens: count,
  output_tokens_details: z.object({ reasoning_tokens: count }),
  total_tokens: count
})

const error = z.object({ code: z.literal('server_error'), message: z.string(), switch_code: z.enum(Object.keys(errorStatus) as ErrorCode[]), request_id: z.string() })
const anyObject = z.record(z.string(), z.unknown())
const format = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text') }),
  z.object({ type: z.literal('json_object') }),
  z.object({ type: z.literal('json_schema'), name: z.string(), schema: anyObject, description: z.string().optional(), strict: z.boolean().optional() })
])
const tool = z.object({ type: z.literal('function'), name: z.string(), description: z.string().nullable(), parameters: anyObject.nullable(), strict: z.boolean().nullable() })

export const responseObjectSchema = z.object({
  id: z.string(),
  object: z.literal('response'),
  created_at: z.int().meta({ description: 'Seconds since 1970.' }),
  status: z.enum(['in_progress', 'completed', 'incomplete', 'failed']),
  error: error.nullable(),
  incomplete_details: z.object({ reason: z.literal('max_output_tokens') }).nullable(),
  model: z.string().meta({ description: 'What really answers.' }),
  output: z.array(outputItemSchema),
  usage: usage.nullable(),
  background: z.boolean(),
  instructions: z.string().nullable(),
  max_output_tokens: count.nullable(),
  metadata: z.record(z.string(), z.string()),
  parallel_tool_calls: z.boolean(),
  previous_response_id: z.string().nullable(),
  reasoning: z.object({ effort: z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']).nullable(), summary: z.null() }),
  store: z.boolean(),
  temperature: z.number().nullable(),
  text: z.object({ format }),
  tool_choice: z.union([z.enum(['none', 'auto', 'required']), z.object({ type: z.literal('function'), name: z.string() })]),
  tools: z.array(tool),
  top_p: z.number().nullable(),
  truncation: z.literal('disabled')
  // Its absent fields are undefined in the type and not there in JSON.
}).meta({ id: 'Response' }) satisfies z.ZodType<Omit<ResponseObject, 'text'>>

export const deletedResponseSchema = z.object({ id: z.string(), object: z.literal('response'), deleted: z.literal(true) }).meta({ id: 'DeletedResponse' })
