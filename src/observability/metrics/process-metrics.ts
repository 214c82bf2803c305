// Metrics of the process and its event loop, once for the process however many services it runs.
import { Registry, collectDefaultMetrics } from 'prom-client'

/** Gauges whose names end as only those of counters may; their siblings without the ending say the same by kind. */
const misnamed = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total']

let registry: Registry | undefined

export function processMetrics(): Registry {
  if (registry === undefined) {
    registry = new Registry()
    collectDefaultMetrics({ register: registry })
    for (const name of misnamed) registry.removeSingleMetric(name)
  }
  return registry
}
