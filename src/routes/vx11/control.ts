// POST /switch/control: modes. Switch has one, so it says so, and changes nothing.
import type { FastifyInstance } from 'fastify'
import { controlSchema } from './body.ts'
import type { ControlBody } from './body.ts'
import type { LiveBackends } from './live-backends.ts'
import { mode, profileOf } from './mode.ts'

export function controlRoute(app: FastifyInstance, registry: LiveBackends): void {
  app.post<{ Body: ControlBody }>('/switch/control', { schema: { body: controlSchema } }, async ({ body }) => {
    const action = (body.action || body.action_type || body.op)?.trim().toLowerCase()
    const current = { mode, profile: profileOf(app.config, registry) }
    switch (action) {
      case 'get_mode': return { status: 'ok', ...current }
      case 'list_modes': return { status: 'ok', modes: [mode] }
      case 'set_mode': return body.mode?.trim().toUpperCase() === mode ? { status: 'ok', ...current } : refused(`Switch has the mode ${mode} only; nothing was changed. Set HERMES_MAX_CONCURRENT, HERMES_TIMEOUT or SWITCH_ROUTE and start it anew to make it behave otherwise.`, current)
      default: return refused('action must be get_mode, list_modes or set_mode.', current)
    }
  })
}

/** With HTTP 200, as its callers know it. */
function refused(detail: string, current: object): object {
  return { status: 'error', detail, error: detail, ...current }
}
