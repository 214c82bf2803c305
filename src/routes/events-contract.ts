// What GET /switch/events tells, event by event. Types and comments only; the operator's page is written against them.
import type { BackendState, EngineLoad } from '../backends/backend.ts'
import type { BreakerState } from '../inference/breaker.ts'
import type { EvidenceReport } from '../inference/evidence.ts'
import type { GateState } from '../inference/gate.ts'
import type { CatalogueEntry } from '../models/catalogue.ts'
import type { PullProgress } from '../models/download/progress.ts'
import type { TrafficSecond, TrafficTotals } from '../observability/recent-traffic.ts'

export type { RequestRecord } from '../observability/recent-request.ts'
export type { TrafficSecond, TrafficTotals } from '../observability/recent-traffic.ts'

/** `event: service`, first and once: what does not change while the service runs. */
export type ServiceFacts = {
  version: string
  /** What local models may take together, in megabytes of 10^6 bytes. */
  memory_limit_mb: number
  /** Deadline of a request that names none. */
  default_timeout_seconds: number
  /** Models that can be pulled by a short name, best first. */
  catalogue: Pick<CatalogueEntry, 'id' | 'title' | 'file' | 'size_bytes' | 'parameters_b' | 'quantisation' | 'licence' | 'is_gated' | 'note' | 'ollama'>[]
}

/** `event: status`, every second. */
export type ServiceStatus = {
  /** Milliseconds since 1970, by the clock of the service. */
  at_ms: number
  uptime_s: number
  /** Names of backends in their order. */
  routes: { name: string, backends: string[] }[]
  backends: BackendReport[]
  downloads: PullProgress[]
  totals: TrafficTotals
  /** Seconds that are new or other than they were told; in the first event all of the last five minutes. */
  traffic: TrafficSecond[]
  /** Things that work less well than they could, in sentences. */
  warnings: readonly string[]
}

/** Null: not known, or nothing to tell. Megabytes are 10^6 bytes. */
export type BackendReport = EvidenceReport & {
  name: string
  kind: string
  framework: string
  is_local: boolean
  model: string
  state: BackendState['status']
  /** Why it is not ready, and what to do. */
  reason: string | null
  /** True when a request that comes now is answered: it is ready, or loads in time, and is not left alone. */
  can_answer: boolean
  /** Whether its model can be loaded and unloaded here. */
  is_controllable: boolean
  loads_on_demand: boolean
  load_progress: number | null
  next_model: { model: string, load_progress: number } | null
  retry_after_s: number | null
  context_length: number | null
  memory_usage_mb: number | null
  engine: { kv_used_tokens: number, kv_total_tokens: EngineLoad['kvTotalTokens'] } | null
  restarts: number
  breaker: BreakerState
  queue: GateState
}
