// POST /switch/hermes/select_engine: which backend answers, and where it can be asked.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { errorBody } from '../../http/error-rendering.ts'
import { SwitchError } from '../../inference/errors.ts'
import type { GatedBackend } from '../../inference/target.ts'
import { engineSchema } from './body.ts'
import type { EngineBody } from './body.ts'
import type { LiveBackends } from './live-backends.ts'
import { mode, profileOf } from './mode.ts'
import { availabilityOf, kindOf } from './service-state.ts'

export function engineSelectionRoute(app: FastifyInstance, registry: LiveBackends): void {
  app.post<{ Body: EngineBody }>('/switch/hermes/select_engine', { schema: { body: engineSchema } }, async (request, reply) => {
    const chosen = choose(request.body, registry)
    if (chosen !== undefined) return selection(request, chosen, profileOf(app.config, registry))
    // Hermes tells its own caller 404 where it reads one here, and 502 for anything else.
    return reply.code(404).send(unknownEngine(request, registry))
  })
}

/** The engine that is named; else the first that can answer, of the list or of the default route. */
function choose({ engine_id: id, available_engines: names }: EngineBody, { routes, backends }: LiveBackends): GatedBackend | undefined {
  const named = (name: string) => backends.find(({ backend }) => backend.name === name || backend.state().model === name)
  if (id) return named(id)
  const listed = names?.flatMap((name) => named(name) ?? []) ?? []
  const candidates = listed.length > 0 ? listed : routes.get('default') ?? []
  return candidates.find((target) => availabilityOf(target) === 'available') ?? candidates[0]
}

function selection(request: FastifyRequest<{ Body: EngineBody }>, target: GatedBackend, profile: object): object {
  const { backend } = target
  const { model, reason } = backend.state()
  const availability = availabilityOf(target)
  return {
    status: availability === 'available' ? 'ok' : 'degraded',
    engine: backend.name,
    engine_id: request.body.engine_id ?? backend.name,
    decision: kindOf(target),
    mode,
    profile,
    // Switch itself: its /v1/completions answers for every engine.
    endpoint: `${request.protocol}://${request.host}`,
    metadata: { model, kind: kindOf(target), framework: backend.framework, status: availability, context_length: backend.capabilities.contextLength ?? null, ...(reason !== undefined && { reason }) }
  }
}

function unknownEngine(request: FastifyRequest<{ Body: EngineBody }>, { backends }: LiveBackends): object {
  const names = backends.map(({ backend }) => backend.name).join(', ') || 'none'
  const error = new SwitchError('SWITCH_ROUTE_UNKNOWN', `There is no engine ${JSON.stringify(request.body.engine_id ?? 'of the default route')}. Use one of: ${names}.`, { body: { detail: 'engine_not_found' } })
  request.logFacts['code'] = error.code
  return errorBody(error, request.id)
}
