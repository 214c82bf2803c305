// What is true of the whole service right now: whether it can answer, its load, its limits, its build.
import { Gauge } from 'prom-client'
import type { Registry } from 'prom-client'
import type { Routes } from '../../inference/route.ts'
import type { GatedBackend } from '../../inference/target.ts'
import type { Backends } from './backend-gauges.ts'

export type Service = Backends & { readonly routes: Routes }

export type ServiceFacts = {
  readonly version: string
  /** What local models may take together. */
  readonly memoryLimitBytes: number
}

export function addServiceGauges(registry: Registry, service: Service, { version, memoryLimitBytes }: ServiceFacts): void {
  const gauge = (name: string, help: string, read: () => number) => new Gauge({ name, help, registers: [registry], collect() { this.set(read()) } })
  const sum = (read: (target: GatedBackend) => number) => service.backends.reduce((all, target) => all + read(target), 0)

  gauge('switch_ready', 'Whether a backend of the default route can answer now: 1 or 0', () => service.routes.get('default')?.some(canAnswer) ? 1 : 0)
  gauge('switch_memory_limit_bytes', 'Memory that local models may take together', () => memoryLimitBytes)
  new Gauge({ name: 'switch_build_info', help: 'Version of Switch and of Node', labelNames: ['version', 'node_version'], registers: [registry] }).set({ version, node_version: process.versions.node }, 1)

  // Together the model server protocol of the Kubernetes Gateway API inference extension, whose endpoint picker takes any
  // names: TotalQueuedRequests, TotalRunningRequests, KVCacheUtilization. It wants one series each, so they have no label.
  gauge('switch_queued_requests', 'Requests that wait for any backend', () => sum(({ gate }) => gate.state().waiting))
  gauge('switch_running_requests', 'Requests that any backend works on', () => sum(({ gate }) => gate.state().running))
  gauge('switch_kv_cache_usage_ratio', 'Share of the KV cache of all engines that is in use, from 0 to 1', () => {
    const limit = sum(({ backend }) => backend.state().engine?.kvTotalTokens ?? 0)
    return limit === 0 ? 0 : sum(({ backend }) => backend.state().engine?.kvUsedTokens ?? 0) / limit
  })
}

/** Ready, or asleep until the next request, and not left alone because it failed a moment ago. */
function canAnswer({ backend, breaker }: GatedBackend): boolean {
  const { status, loadsOnDemand = false } = backend.state()
  return (status === 'ready' || loadsOnDemand) && breaker.state().state !== 'open'
}
