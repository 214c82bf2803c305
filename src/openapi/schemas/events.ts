// What GET /switch/events and GET /switch/requests tell.
import { z } from 'zod'
import type { RequestRecord } from '../../routes/events-contract.ts'
import { attemptSchema } from './attempt.ts'
import { count } from './usage.ts'

const text = z.string().nullable()

const requestRecordSchema = z.object({
  number: count.meta({ description: 'Counts from 1 since the service began.' }),
  at: z.iso.datetime(),
  route: z.string().meta({ description: 'Template of the HTTP route.' }),
  asked_for: text.meta({ description: 'What its caller named as the model; null: the default route.' }),
  kind: z.enum(['answer', 'embedding']),
  is_stream: z.boolean(),
  outcome: z.enum(['success', 'failed', 'cancelled']).meta({ description: 'cancelled: its caller left.' }),
  status: count.nullable(),
  inference_id: text,
  source: text,
  backend: text,
  model: text,
  degraded: z.boolean().meta({ description: 'True when it was not the first backend of the route that answered.' }),
  continued: z.boolean().meta({ description: 'True when a later backend went on with the text of an earlier one.' }),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  prompt_tokens: count.nullable(),
  completion_tokens: count.nullable(),
  first_token_ms: count.nullable().meta({ description: 'From the beginning of the request.' }),
  latency_ms: count,
  attempts: z.array(attemptSchema),
  prompt: z.string().exactOptional().meta({ description: 'Only where LOG_PROMPTS is on.' }),
  response: z.string().exactOptional()
}).meta({ id: 'RequestRecord', description: 'How one request ended, with its receipt. Null: there is nothing to tell.' }) satisfies z.ZodType<RequestRecord>

export const recentRequestsSchema = z.object({ requests: z.array(requestRecordSchema).meta({ description: 'Oldest first, fifty at most.' }) }).meta({ id: 'RecentRequests' })

const open = z.looseObject({})

export const watchEventSchema = z.union([
  z.object({ event: z.literal('service'), data: open.meta({ description: 'First and once: what does not change while the service runs.' }) }),
  z.object({ event: z.literal('status'), data: open.meta({ description: 'Every second: backends, routes, downloads, totals, and the seconds of traffic that changed.' }) }),
  z.object({ event: z.literal('request'), data: requestRecordSchema })
]).meta({ id: 'WatchEvent', description: 'One Server-Sent Event.' })
