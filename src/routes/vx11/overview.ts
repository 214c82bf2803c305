// What VX11's services ask about Switch itself: its queue, its models, its providers, its context.
import type { FastifyInstance } from 'fastify'
import { acceptedTokens } from '../../config/load.ts'
import type { GatedBackend } from '../../inference/target.ts'
import type { LiveBackends } from './live-backends.ts'
import { mode } from './mode.ts'
import { activeModelOf, availabilityOf, kindOf, waitingIn } from './service-state.ts'

export function overviewRoutes(app: FastifyInstance, registry: LiveBackends): void {
  // `items` stays empty: what waits are prompts, which are private.
  app.get('/switch/queue/status', async () => {
    const size = waitingIn(registry.backends)
    const states = registry.backends.map(({ gate }) => gate.state())
    return { status: 'ok', size, queue_size: size, running: states.reduce((sum, { running }) => sum + running, 0), items: [] }
  })

  app.get('/switch/models/available', async () => {
    return { status: 'ok', models: registry.backends.map(modelOf), active: activeModelOf(registry.backends), warm: null, cli_registry: [] }
  })

  app.get('/switch/providers', async () => {
    return { status: 'ok', providers: registry.backends.map(providerOf) }
  })

  app.get('/switch/context', async () => {
    const { backends } = registry
    return { status: 'ok', mode, active_model: activeModelOf(backends), warm_model: null, queue_size: waitingIn(backends), token_required: acceptedTokens(app.config).length > 0 }
  })

  // Switch measures neither battery nor load; madre plans without hints where it reads `disabled`.
  app.get('/switch/fluzo', async () => {
    return { status: 'disabled', profile: 'unknown', signals: {}, reason: 'Switch measures no power profile.' }
  })
}

function modelOf(target: GatedBackend) {
  const { backend, evidence } = target
  const { model, memoryUsageMb, status } = backend.state()
  const age = evidence.report().last_success_age_s
  return {
    name: model, category: 'general', size_mb: memoryUsageMb ?? null, status: availabilityOf(target), warm: backend.isLocal && status === 'ready',
    last_used: age === null ? null : new Date(Date.now() - age * 1000).toISOString(), tags: [backend.name, backend.framework], kind: kindOf(target)
  }
}

function providerOf(target: GatedBackend) {
  const { model, reason } = target.backend.state()
  return { name: target.backend.name, kind: kindOf(target), status: availabilityOf(target), model, ...(reason !== undefined && { reason }) }
}
