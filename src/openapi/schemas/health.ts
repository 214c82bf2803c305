// What the two health routes say.
import { z } from 'zod'
import type { BackendState } from '../../backends/backend.ts'
import type { BreakerState } from '../../inference/breaker.ts'
import type { EvidenceReport } from '../../inference/evidence.ts'
import { failureReasonSchema } from './attempt.ts'
import { count } from './usage.ts'

const states: Readonly<Record<BackendState['status'], true>> = { loading: true, ready: true, failed: true, unloading: true, unloaded: true }
export const backendStateSchema = z.enum(Object.keys(states) as BackendState['status'][])

const age = z.int().min(0).nullable()
const queue = { running: count, waiting: count, expected_wait_ms: count }

const breaker = z.object({
  state: z.enum(['closed', 'open', 'half-open']),
  reason: failureReasonSchema.exactOptional(),
  retry_in_ms: count.exactOptional()
}).meta({ description: 'Open: the backend failed and is left alone for a while.' }) satisfies z.ZodType<BreakerState>

const evidence = z.object({
  last_success_age_s: age,
  last_failure_age_s: age,
  last_failure_reason: failureReasonSchema.nullable(),
  probe: z.union([z.literal('ok'), failureReasonSchema]).nullable().meta({ description: 'What the last free probe found; null when there was none.' }),
  first_token_ms: z.number().nullable().meta({ description: 'Running mean over the successes.' }),
  tokens_per_second: z.number().nullable()
}) satisfies z.ZodType<EvidenceReport>

const backend = z.object({
  name: z.string(),
  kind: z.enum(['openai', 'ollama', 'llama-cpp']),
  model: z.string(),
  state: backendStateSchema,
  reason: z.string().exactOptional().meta({ description: 'Why it is not ready.' }),
  is_local: z.boolean().meta({ description: 'True when prompts given to it never leave the machine.' }),
  memory_usage_mb: z.number().exactOptional(),
  restarts: count.exactOptional(),
  load_progress: z.number().min(0).max(1).exactOptional().meta({ description: 'How much of the model is read, while it loads.' }),
  load_time_ms: count.exactOptional().meta({ description: 'What its last load took.' }),
  loads_on_demand: z.boolean().exactOptional().meta({ description: 'Of a model that is not loaded: whether the next request loads it.' }),
  next_model: z.object({ model: z.string(), load_progress: z.number().min(0).max(1) }).exactOptional().meta({ description: 'Loading, to take the place of the one that still answers.' }),
  context_length: count.nullable(),
  breaker,
  ...evidence.shape,
  queue: z.object({ ...queue, limit: count })
}).meta({ id: 'BackendHealth', description: 'One backend, from evidence that was gathered for nothing.' })

const evidenceFields = {
  backends: z.array(backend),
  queue: z.object(queue).meta({ description: 'Of all backends together.' }),
  version: z.string(),
  uptime_s: count,
  warnings: z.array(z.string()).exactOptional().meta({ description: 'What works less well than it could.' })
}

export const readySchema = z.object({
  status: z.literal('ok'),
  model: z.string(),
  framework: z.string(),
  memory_usage_mb: z.number().exactOptional().meta({ description: 'Measured.' }),
  context_ready: z.boolean().meta({ description: 'False when the model was unloaded for idleness and the next request loads it.' }),
  reason: z.string().exactOptional().meta({ description: 'Why not the first local model answers, or not at once.' }),
  ...evidenceFields
}).meta({ id: 'Ready' })

export const degradedSchema = z.object({
  status: z.literal('degraded'),
  reason: z.string(),
  model: z.string(),
  fallback_available: z.boolean().meta({ description: 'True when another backend can answer now.' }),
  ...evidenceFields
}).meta({ id: 'Degraded' })

export const aliveSchema = z.object({
  status: z.literal('ok'),
  module: z.literal('switch'),
  active_model: z.string().nullable(),
  warm_model: z.string().nullable(),
  queue_size: count
}).meta({ id: 'Alive' })
