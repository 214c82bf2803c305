// What the routes for VX11's services give.
import { z } from 'zod'
import { attemptSchema, failureReasonSchema } from './attempt.ts'
import { errorSchema } from './error.ts'
import { count, usageSchema } from './usage.ts'

const kind = z.enum(['local', 'remote'])
const availability = z.enum(['available', 'loading', 'unavailable'])
const maybeText = z.string().nullable()
const spoken = { response: z.string(), message: z.string(), content: z.string(), reply: z.string() }
const provider = { source: z.string(), provider: z.string(), provider_used: z.string(), selected_provider: z.string(), engine_used: maybeText, used_cli: z.literal(false) }
const context = { task_type: maybeText, session_id: maybeText, correlation_id: z.string(), queue_size: count }

/** Only POST /switch/advice gives them. */
const advice = {
  recommendations: z.array(z.string()).exactOptional(),
  scoring: z.object({ score: z.null(), severity: z.string() }).exactOptional().meta({ description: 'Switch gives no score: a number would be invented.' })
}

const answered = {
  ...spoken, ...provider, ...context, ...advice,
  result: z.string(),
  inference_id: z.string(),
  prompt: z.string(),
  decision: kind.nullable(),
  reasoning: z.string().meta({ description: 'Why it is this provider that answered.' }),
  reasoning_content: z.string().exactOptional(),
  fallback_reason: failureReasonSchema.nullable(),
  attempts: z.array(attemptSchema),
  trace_id: z.string().exactOptional(),
  model: z.string(),
  latency_ms: count,
  fallback_source: maybeText
}

const whole = z.object({ ...answered, status: z.literal('ok'), tokens_used: count, degraded: z.boolean(), finish_reason: z.enum(['stop', 'length', 'tool_calls']), usage: usageSchema })
const partial = z.object({ ...answered, status: z.literal('partial'), tokens_used: z.null(), degraded: z.literal(true), finish_reason: z.enum(['deadline', 'interrupted']), usage: z.null(), error: z.string(), code: z.string() })

const failed = z.object({
  ...errorSchema.shape, ...spoken, ...provider, ...context, ...advice,
  status: z.enum(['error', 'service_offline']),
  module: z.literal('switch'),
  reason: z.string(),
  reasoning: z.string(),
  result: z.null(),
  model: z.string(),
  decision: z.literal('none'),
  degraded: z.literal(true),
  fallback_source: z.literal('error'),
  fallback_reason: failureReasonSchema.nullable(),
  tokens_used: z.literal(0),
  retry_after_seconds: z.number().nullable()
})

export const questionAnswerSchema = z.union([whole, partial, failed]).meta({ id: 'QuestionAnswer', description: 'A whole answer, one that was cut and says so, or why there is none: all of them with status 200, as the callers want it.' })

export const queueStatusSchema = z.object({ status: z.literal('ok'), size: count, queue_size: count, running: count, items: z.tuple([]) }).meta({ id: 'QueueStatus' })

const availableModel = z.object({
  name: z.string(), category: z.literal('general'), size_mb: z.number().nullable(), status: availability, warm: z.boolean(),
  last_used: z.iso.datetime().nullable(), tags: z.array(z.string()), kind
})
export const availableModelsSchema = z.object({ status: z.literal('ok'), models: z.array(availableModel), active: maybeText, warm: z.null(), cli_registry: z.tuple([]) }).meta({ id: 'AvailableModels' })

const oneProvider = z.object({ name: z.string(), kind, status: availability, model: z.string(), reason: z.string().exactOptional() })
export const providersSchema = z.object({ status: z.literal('ok'), providers: z.array(oneProvider) }).meta({ id: 'Providers' })

const mode = z.literal('BALANCED')
export const contextSchema = z.object({ status: z.literal('ok'), mode, active_model: maybeText, warm_model: z.null(), queue_size: count, token_required: z.boolean() }).meta({ id: 'Context' })
export const fluzoSchema = z.object({ status: z.literal('disabled'), profile: z.literal('unknown'), signals: z.object({}), reason: z.string() }).meta({ id: 'Fluzo' })

const profile = z.object({ timeout_ms: z.number(), max_concurrent: count, preferred_engines: z.array(z.string()) })
export const controlAnswerSchema = z.union([
  z.object({ status: z.literal('ok'), mode, profile }),
  z.object({ status: z.literal('ok'), modes: z.array(mode) }),
  z.object({ status: z.literal('error'), detail: z.string(), error: z.string(), mode, profile })
]).meta({ id: 'ControlAnswer' })

const engineFacts = z.object({ model: z.string(), kind, framework: z.string(), status: availability, context_length: count.nullable(), reason: z.string().exactOptional() })
export const engineSelectionSchema = z.object({
  status: z.enum(['ok', 'degraded']), engine: z.string(), engine_id: z.string(), decision: kind, mode, profile, endpoint: z.string(), metadata: engineFacts
}).meta({ id: 'EngineSelection' })

