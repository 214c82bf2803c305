// What POST /switch/infer gives: the whole answer, and the events of its stream.
import { z } from 'zod'
import type { InferAnswer } from '../../routes/infer.ts'
import { attemptSchema } from './attempt.ts'
import { errorSchema } from './error.ts'
import { count, usageSchema } from './usage.ts'

const toolCall = z.object({ id: z.string(), name: z.string(), arguments: z.string().meta({ description: 'JSON, as a text.' }) }).meta({ id: 'ToolCall' })

export const inferAnswerSchema = z.object({
  inference_id: z.string(),
  prompt: z.string().meta({ description: 'The last words of the caller.' }),
  response: z.string(),
  reasoning: z.string().exactOptional().meta({ description: 'What a model that thinks thought first.' }),
  tool_calls: z.array(toolCall).exactOptional(),
  model: z.string().meta({ description: 'What really answered.' }),
  tokens_used: count,
  latency_ms: count,
  source: z.string().meta({ description: 'local_hermes, openai, or the name of another backend.' }),
  degraded: z.boolean().meta({ description: 'True when it was not the first backend of the route.' }),
  finish_reason: z.enum(['stop', 'length', 'tool_calls']),
  usage: usageSchema,
  attempts: z.array(attemptSchema).meta({ description: 'The receipt, in order.' })
}).meta({ id: 'InferAnswer' }) satisfies z.ZodType<InferAnswer>

const delta = z.union([
  z.object({ text: z.string() }),
  z.object({ reasoning: z.string() }),
  z.object({ tool_call: toolCall }).meta({ description: 'A whole call, never half.' })
])

/** Comments keep the stream alive; what follows the deltas is exactly one of done and error. */
export const inferEventSchema = z.discriminatedUnion('event', [
  z.object({ event: z.literal('delta'), data: delta }),
  z.object({ event: z.literal('done'), data: inferAnswerSchema }),
  z.object({ event: z.literal('error'), data: errorSchema })
]).meta({ id: 'InferEvent', description: 'One Server-Sent Event: its name and its data.' })
