// GET /switch/health (readiness) and GET /health (liveness): what is known, at no cost.
import type { FastifyInstance } from 'fastify'
import type { Backend } from '../backends/backend.ts'
import type { GatedBackend } from '../inference/target.ts'
import type { GateState } from '../inference/gate.ts'

export type HealthRouteOptions = {
  /** Asked anew for each request: a reload exchanges its backends. */
  registry: { readonly backends: readonly GatedBackend[] }
  version: string
  /** Things that work less well than they could, in sentences. */
  warnings: readonly string[]
}

export async function healthRoute(app: FastifyInstance, { registry, version, warnings }: HealthRouteOptions): Promise<void> {
  app.get('/switch/health', { config: { isPublic: true } }, async (_request, reply) => {
    const { backends } = registry
    const local = localOf(backends)
    const evidence = {
      backends: backends.map(describe),
      queue: queueOf(backends),
      version,
      uptime_s: Math.round(process.uptime()),
      ...(warnings.length > 0 && { warnings })
    }
    const state = local?.backend.state()
    if (local && state?.status === 'ready') {
      return { status: 'ok', model: state.model, framework: local.backend.framework, memory_usage_mb: state.memoryUsageMb, context_ready: true, ...evidence }
    }
    if (state?.retryAfterSeconds !== undefined) reply.header('Retry-After', String(Math.ceil(state.retryAfterSeconds)))
    return reply.code(503).send({
      status: 'degraded',
      reason: state?.reason ?? 'The local backend is not configured. Set HERMES_ENABLE=true.',
      model: state?.model ?? 'none',
      fallback_available: backends.some((other) => other !== local && canAnswer(other)),
      ...evidence
    })
  })

  app.get('/health', { config: { isPublic: true } }, async () => {
    const { backends } = registry
    const state = localOf(backends)?.backend.state()
    return {
      status: 'ok',
      module: 'switch',
      active_model: state?.status === 'ready' ? state.model : null,
      warm_model: null,
      queue_size: queueOf(backends).waiting
    }
  })
}

/** The backend whose readiness is the service's: the first local model that is ready, whatever runs it, else the first one. */
function localOf(backends: readonly GatedBackend[]): GatedBackend | undefined {
  const local = backends.filter(({ backend }) => backend.source === 'local_hermes')
  return local.find(({ backend }) => backend.state().status === 'ready') ?? local[0]
}

function describe({ backend, gate, breaker, evidence }: GatedBackend) {
  const { status, reason, model, memoryUsageMb, restarts } = backend.state()
  return {
    name: backend.name, kind: backend.kind, model, state: status, reason, is_local: backend.isLocal,
    memory_usage_mb: memoryUsageMb, restarts, context_length: contextOf(backend),
    breaker: breaker.state(), ...evidence.report(), queue: gate.state()
  }
}

/** Ready, and not left alone because it failed a moment ago. */
function canAnswer({ backend, breaker }: GatedBackend): boolean {
  return backend.state().status === 'ready' && breaker.state().state !== 'open'
}

function contextOf({ capabilities }: Backend): number | null {
  return capabilities.contextLength ?? null
}

/** The queues of all backends together. */
function queueOf(backends: readonly GatedBackend[]): Omit<GateState, 'limit'> {
  const states = backends.map(({ gate }) => gate.state())
  return {
    running: states.reduce((sum, { running }) => sum + running, 0),
    waiting: states.reduce((sum, { waiting }) => sum + waiting, 0),
    expected_wait_ms: Math.max(0, ...states.map(({ expected_wait_ms }) => expected_wait_ms))
  }
}
