// The one mode of Switch, among those that VX11 knows: ECO, BALANCED, HIGH-PERF, CRITICAL.
import type { Config } from '../../config/schema.ts'
import type { LiveBackends } from './live-backends.ts'

/** Local and remote models by the order of the route, all the time. */
export const mode = 'BALANCED'

/** What the mode means here, from the configuration. */
export function profileOf(config: Config, { routes }: LiveBackends): object {
  return {
    timeout_ms: config.HERMES_TIMEOUT * 1000,
    max_concurrent: config.HERMES_MAX_CONCURRENT,
    preferred_engines: routes.get('default')?.map(({ backend }) => backend.name) ?? []
  }
}
