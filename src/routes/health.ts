// GET /switch/health (readiness) and GET /health (liveness): what is known, at no cost.
import type { FastifyInstance } from 'fastify'
import type { Backend } from '../backends/backend.ts'
import type { GatedBackend } from '../inference/attempt.ts'
import type { GateState } from '../inference/gate.ts'

export type HealthRouteOptions = {
  backends: readonly GatedBackend[]
  version: string
  /** Things that work less well than they could, in sentences. */
  warnings: readonly string[]
}

export async function healthRoute(app: FastifyInstance, { backends, version, warnings }: HealthRouteOptions): Promise<void> {
  const local = backends.find(({ backend }) => backend.kind === 'llama-cpp')

  app.get('/switch/health', { config: { isPublic: true } }, async (_request, reply) => {
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
    if (state?.retryAfterSeconds !== undefined) reply.header('Retry-After', String(state.retryAfterSeconds))
    return reply.code(503).send({
      status: 'degraded',
      reason: state?.reason ?? 'The local backend is not configured. Set HERMES_ENABLE=true.',
      model: state?.model ?? 'none',
      fallback_available: backends.some((other) => other !== local && other.backend.state().status === 'ready'),
      ...evidence
    })
  })

  app.get('/health', { config: { isPublic: true } }, async () => {
    const state = local?.backend.state()
    return {
      status: 'ok',
      module: 'switch',
      active_model: state?.status === 'ready' ? state.model : null,
      warm_model: null,
      queue_size: queueOf(backends).waiting
    }
  })
}

function describe({ backend, gate }: GatedBackend) {
  const { status, reason, model, memoryUsageMb, restarts } = backend.state()
  return { name: backend.name, kind: backend.kind, state: status, reason, model, memory_usage_mb: memoryUsageMb, restarts, context_length: contextOf(backend), queue: gate.state() }
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
