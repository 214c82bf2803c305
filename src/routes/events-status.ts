// The state of the whole service as one event: nothing is asked of anybody, it is what is known already.
import type { GatedBackend } from '../inference/target.ts'
import { isAble } from '../inference/readiness.ts'
import type { Routes } from '../inference/route.ts'
import type { Downloads } from '../models/download/downloads.ts'
import type { RecentTraffic } from '../observability/recent-traffic.ts'
import type { BackendReport, ServiceStatus } from './events-contract.ts'

export type StatusSources = {
  /** Read anew each time: a reload exchanges its backends. */
  registry: { readonly backends: readonly GatedBackend[], readonly routes: Routes }
  downloads: Downloads
  traffic: RecentTraffic
  defaultTimeoutSeconds: number
  warnings: readonly string[]
}

/** Without `traffic`, which is another for each listener. */
export function statusOf({ registry, downloads, traffic, defaultTimeoutSeconds, warnings }: StatusSources): Omit<ServiceStatus, 'traffic'> {
  const { backends, routes } = registry
  return {
    at_ms: Date.now(),
    uptime_s: Math.round(process.uptime()),
    routes: [...routes].map(([name, targets]) => ({ name, backends: targets.map(({ backend }) => backend.name) })),
    backends: backends.map((target) => reportBackend(target, defaultTimeoutSeconds * 1000)),
    downloads: downloads.list(),
    totals: traffic.totals,
    warnings
  }
}

function reportBackend({ backend, gate, breaker, evidence }: GatedBackend, deadlineMs: number): BackendReport {
  const state = backend.state()
  const { status, reason = null, model, loadsOnDemand = false, loadProgress = null, next, retryAfterSeconds = null, memoryUsageMb = null, engine, restarts = 0 } = state
  const breakerState = breaker.state()
  return {
    name: backend.name, kind: backend.kind, framework: backend.framework, is_local: backend.isLocal, model, state: status, reason,
    can_answer: isAble(state, deadlineMs) && breakerState.state !== 'open',
    is_controllable: backend.modelControl !== undefined,
    loads_on_demand: loadsOnDemand, load_progress: loadProgress, next_model: next ? { model: next.model, load_progress: next.loadProgress } : null,
    retry_after_s: retryAfterSeconds, context_length: backend.capabilities.contextLength ?? null, memory_usage_mb: memoryUsageMb,
    engine: engine ? { kv_used_tokens: engine.kvUsedTokens, kv_total_tokens: engine.kvTotalTokens } : null,
    restarts, breaker: breakerState, ...evidence.report(), queue: gate.state()
  }
}
