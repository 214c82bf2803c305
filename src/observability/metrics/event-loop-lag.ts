// How late the event loop comes to its timers, looked at seldom.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Gauge } from 'prom-client'
import type { Registry } from 'prom-client'

/** Milliseconds between two looks. Each wakes the process, and an engine on the same cores stands still for it. */
const everyMs = 200

/** Gauges `nodejs_eventloop_lag_{mean,p50,p90,p99,max}_seconds`, of the time since the last scrape; 0 before the first look. */
export function observeEventLoopLag(registry: Registry): void {
  const delays = monitorEventLoopDelay({ resolution: everyMs })
  delays.enable()
  const gauge = (name: string, what: string, read: () => number) => new Gauge({
    name: `nodejs_eventloop_lag_${name}_seconds`, help: `The ${what} lag of the event loop since the last scrape, from a look every ${everyMs} ms`, registers: [registry],
    // Node measures from look to look.
    collect() { this.set(delays.count === 0 ? 0 : Math.max(0, read() / 1e9 - everyMs / 1e3)) }
  })
  gauge('mean', 'mean', () => delays.mean)
  for (const percent of [50, 90, 99]) gauge(`p${percent}`, `${percent}th percentile of the`, () => delays.percentile(percent))
  gauge('max', 'longest', () => {
    const { max } = delays
    delays.reset()
    return max
  })
}
