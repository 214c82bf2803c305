// GET /switch/health (readiness) and GET /health (liveness): what is known, at no cost.
import type { FastifyInstance } from 'fastify'
import type { Backend, BackendState } from '../backends/backend.ts'
import type { GatedBackend } from '../inference/target.ts'
import type { GateState } from '../inference/gate.ts'
import { isAble } from '../inference/readiness.ts'

export type HealthRouteOptions = {
  /** Asked anew for each request: a reload exchanges its backends. */
  registry: { readonly backends: readonly GatedBackend[] }
  version: string
  /** The deadline of a request that names none: a model that is loaded on demand must be back within it. */
  defaultTimeoutSeconds: number
  /** Things that work less well than they could, in sentences. */
  warnings: readonly string[]
}

export async function healthRoute(app: FastifyInstance, { registry, version, defaultTimeoutSeconds, warnings }: HealthRouteOptions): Promise<void> {
  app.get('/switch/health', { config: { isPublic: true } }, async (_request, reply) => {
    const { backends } = registry
    const able = (target: GatedBackend) => isAble(target.backend.state(), defaultTimeoutSeconds * 1000)
    const local = localOf(backends, able)
    const evidence = {
      backends: backends.map(describe),
      queue: queueOf(backends),
      version,
      uptime_s: Math.round(process.uptime()),
      ...(warnings.length > 0 && { warnings })
    }
    const state = local?.backend.state()
    // A model that was unloaded for idleness counts as able: the service answers, after a load that is known to fit into
    // the default deadline, and a 503 would keep away the very requests that load it. `context_ready` says the rest.
    if (local && state && able(local)) {
      return { status: 'ok', model: state.model, framework: local.backend.framework, memory_usage_mb: state.memoryUsageMb, context_ready: state.status === 'ready', reason: reasonOf(local, backends), ...evidence }
    }
    if (state?.retryAfterSeconds !== undefined) reply.header('Retry-After', String(Math.ceil(state.retryAfterSeconds)))
    return reply.code(503).send({
      status: 'degraded',
      reason: state?.reason ?? 'The local backend is not configured. Set HERMES_ENABLE=true.',
      model: state?.model ?? 'none',
      // Able, and not left alone because it failed a moment ago.
      fallback_available: backends.some((other) => other !== local && able(other) && other.breaker.state().state !== 'open'),
      ...evidence
    })
  })

  app.get('/health', { config: { isPublic: true } }, async () => {
    const { backends } = registry
    const state = localOf(backends, isReady)?.backend.state()
    return {
      status: 'ok',
      module: 'switch',
      active_model: state?.status === 'ready' ? state.model : null,
      warm_model: null,
      queue_size: queueOf(backends).waiting
    }
  })
}

/** The backend whose readiness is the service's: the first local model that is ready, whatever runs it, else one that is able, else the first one. */
function localOf(backends: readonly GatedBackend[], able: (target: GatedBackend) => boolean): GatedBackend | undefined {
  const local = backends.filter(isLocalModel)
  return local.find(isReady) ?? local.find(able) ?? local[0]
}

function isLocalModel({ backend }: GatedBackend): boolean {
  return backend.source === 'local_hermes'
}

function isReady({ backend }: GatedBackend): boolean {
  return backend.state().status === 'ready'
}

/** Why it is not the first local model that answers, or not at once; undefined when nothing is to be said. */
function reasonOf(local: GatedBackend, backends: readonly GatedBackend[]): string | undefined {
  const first = backends.find(isLocalModel)!
  const { model, reason } = local.backend.state()
  if (first === local) return reason
  return `${first.backend.state().reason ?? `${first.backend.name} is not ready.`} ${local.backend.name} answers instead, with ${model}.${reason === undefined ? '' : ` ${reason}`}`
}

function describe({ backend, gate, breaker, evidence }: GatedBackend) {
  const state = backend.state()
  const { status, reason, model, memoryUsageMb, restarts } = state
  return {
    name: backend.name, kind: backend.kind, model, state: status, reason, is_local: backend.isLocal,
    memory_usage_mb: memoryUsageMb, restarts, ...loadOf(state), context_length: contextOf(backend),
    breaker: breaker.state(), ...evidence.report(), queue: gate.state()
  }
}

/** How the load of its model goes, or went; absent where there is nothing to tell. */
function loadOf({ loadProgress, loadTimeMs, loadsOnDemand, next }: BackendState) {
  return { load_progress: loadProgress, load_time_ms: loadTimeMs, loads_on_demand: loadsOnDemand, next_model: next && { model: next.model, load_progress: next.loadProgress } }
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
