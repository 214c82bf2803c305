// Metrics of the process and its event loop, once for the process however many services it runs.
import { Registry, collectDefaultMetrics } from 'prom-client'
import { observeEventLoopLag } from './event-loop-lag.ts'

/** Gauges whose names end as only those of counters may; their siblings without the ending say the same by kind. */
const misnamed = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total']

/** The library's own, for which it would wake the process a hundred times a second. */
const replaced = ['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'].map((name) => `nodejs_eventloop_lag_${name}_seconds`)
/** Milliseconds between its looks: never. */
const never = 2 ** 31 - 1

let registry: Registry | undefined

export function processMetrics(): Registry {
  if (registry === undefined) {
    registry = new Registry()
    collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: never })
    for (const name of [...misnamed, ...replaced]) registry.removeSingleMetric(name)
    observeEventLoopLag(registry)
  }
  return registry
}
