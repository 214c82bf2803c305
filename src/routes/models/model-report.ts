// What is told of a backend's model: by GET /switch/models, and when it was loaded or unloaded.
import type { BackendState } from '../../backends/backend.ts'
import type { GatedBackend } from '../../inference/target.ts'

/** Null: not known, or nothing to tell. Megabytes are 10^6 bytes, times in ISO form. */
export type ModelReport = {
  model: string
  backend: string
  framework: string
  state: BackendState['status']
  /** Why it is not ready, and what to do. */
  reason: string | null
  /** Of a model that is not loaded: whether the next request loads it. */
  loads_on_demand: boolean
  /** From 0 to 1; null unless it loads. */
  load_progress: number | null
  /** Loading, to take the place of the one that still answers. */
  next_model: { model: string, load_progress: number } | null
  size_bytes: number | null
  /** Estimated before it is loaded. */
  memory_need_mb: { weights: number, kv_cache: number, buffers: number, total: number } | null
  /** Measured. */
  memory_usage_mb: number | null
  context_length: number | null
  /** Requests at once. */
  slots: number
  /** Seconds that it stays loaded when idle; -1 for ever. */
  keep_alive_seconds: number
  load_time_ms: number | null
  loaded_at: string | null
  last_used_at: string | null
  running: number
  waiting: number
}

/** Undefined for a backend whose model is not ours to load. */
export function reportModel({ backend, gate }: GatedBackend): ModelReport | undefined {
  if (backend.modelControl === undefined) return undefined
  const { status, reason = null, model, loadsOnDemand = false, loadProgress = null, next, memoryUsageMb = null, loadTimeMs = null, loadedAt, lastUsedAt } = backend.state()
  const { sizeBytes = null, memoryNeed, keepAliveSeconds } = backend.modelControl.details()
  const { running, waiting } = gate.state()
  return {
    model, backend: backend.name, framework: backend.framework, state: status, reason, loads_on_demand: loadsOnDemand,
    load_progress: loadProgress, next_model: next ? { model: next.model, load_progress: next.loadProgress } : null,
    size_bytes: sizeBytes, memory_need_mb: memoryNeed ? { weights: memoryNeed.weightsMb, kv_cache: memoryNeed.kvCacheMb, buffers: memoryNeed.buffersMb, total: memoryNeed.totalMb } : null,
    memory_usage_mb: memoryUsageMb, context_length: backend.capabilities.contextLength ?? null, slots: backend.maxConcurrent,
    keep_alive_seconds: keepAliveSeconds, load_time_ms: loadTimeMs, loaded_at: isoTime(loadedAt), last_used_at: isoTime(lastUsedAt),
    running, waiting
  }
}

function isoTime(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString()
}
