// What the routes of the model lifecycle give.
import { z } from 'zod'
import type { PullProgress, PullResult } from '../../models/download/progress.ts'
import type { AvailableModel } from '../../routes/models/available-models.ts'
import type { ModelReport } from '../../routes/models/model-report.ts'
import { errorSchema } from './error.ts'
import { backendStateSchema } from './health.ts'
import { count } from './usage.ts'

const share = z.number().min(0).max(1)
const megabytes = z.number()
const time = z.iso.datetime().nullable()

export const loadedModelSchema = z.object({
  model: z.string(),
  backend: z.string(),
  framework: z.string(),
  state: backendStateSchema,
  reason: z.string().nullable().meta({ description: 'Why it is not ready, and what to do.' }),
  loads_on_demand: z.boolean().meta({ description: 'Of a model that is not loaded: whether the next request loads it.' }),
  load_progress: share.nullable(),
  next_model: z.object({ model: z.string(), load_progress: share }).nullable().meta({ description: 'Loading, to take the place of the one that still answers.' }),
  size_bytes: count.nullable(),
  memory_need_mb: z.object({ weights: megabytes, kv_cache: megabytes, buffers: megabytes, total: megabytes }).nullable().meta({ description: 'Estimated before it is loaded.' }),
  memory_usage_mb: megabytes.nullable().meta({ description: 'Measured.' }),
  context_length: count.nullable(),
  slots: count.meta({ description: 'Requests at once.' }),
  keep_alive_seconds: z.number().meta({ description: 'How long it stays loaded when idle; -1 for ever.' }),
  load_time_ms: z.number().nullable(),
  loaded_at: time,
  last_used_at: time,
  running: count,
  waiting: count
}).meta({ id: 'LoadedModel', description: 'The model of a local backend. Megabytes are 10^6 bytes; null is not known.' }) satisfies z.ZodType<ModelReport>

export const unloadedModelSchema = loadedModelSchema.extend({ freed_mb: megabytes.nullable() }).meta({ id: 'UnloadedModel' })

const availableModel = z.object({
  name: z.string().meta({ description: 'As POST /switch/models/load takes it.' }),
  file: z.string(),
  size_bytes: count,
  architecture: z.string().nullable(),
  parameters_b: z.number().nullable().meta({ description: 'Thousands of millions.' }),
  quantisation: z.string().nullable(),
  native_context: count.nullable(),
  within_rule: z.boolean().nullable().meta({ description: 'Whether it keeps to the rule of size.' }),
  is_default: z.boolean(),
  is_fallback: z.boolean(),
  problem: z.string().nullable().meta({ description: 'Why it cannot be loaded; null when it can.' }),
  warning: z.string().nullable()
}).meta({ id: 'AvailableModel' }) satisfies z.ZodType<AvailableModel>

const pullProgress = z.object({
  model: z.string(),
  status: z.enum(['resolving', 'downloading', 'verifying', 'done']),
  downloaded_bytes: count,
  total_bytes: count.nullable(),
  bytes_per_second: z.number().nullable(),
  seconds_left: z.number().nullable()
}).meta({ id: 'PullProgress' }) satisfies z.ZodType<PullProgress>

export const pullResultSchema = z.object({
  model: z.string(),
  path: z.string().exactOptional().meta({ description: 'Absent where the model lies in the store of Ollama.' }),
  bytes: count,
  sha256: z.string().nullable(),
  was_present: z.boolean()
}).meta({ id: 'PullResult' }) satisfies z.ZodType<PullResult>

export const modelOverviewSchema = z.object({
  models: z.array(loadedModelSchema),
  available: z.array(availableModel),
  downloads: z.array(pullProgress),
  warnings: z.array(z.string()).exactOptional()
}).meta({ id: 'ModelOverview' })

export const pullEventSchema = eventsOf(pullProgress, pullResultSchema).meta({ id: 'PullEvent', description: 'One Server-Sent Event: its name and its data.' })

const loadProgress = z.object({ backend: z.string(), model: z.string(), state: backendStateSchema, load_progress: share.nullable() })
export const loadEventSchema = eventsOf(loadProgress, loadedModelSchema).meta({ id: 'LoadEvent', description: 'One Server-Sent Event: its name and its data.' })

function eventsOf(progress: z.ZodType, result: z.ZodType) {
  return z.discriminatedUnion('event', [
    z.object({ event: z.literal('progress'), data: progress }),
    z.object({ event: z.literal('done'), data: result }),
    z.object({ event: z.literal('error'), data: errorSchema })
  ])
}
