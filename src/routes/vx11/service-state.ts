// What is known of the backends, in the words that VX11's services read.
import type { GatedBackend } from '../../inference/target.ts'

/** Callers that wait, in all queues together. */
export function waitingIn(backends: readonly GatedBackend[]): number {
  return backends.reduce((sum, { gate }) => sum + gate.state().waiting, 0)
}

/** The local model that can answer now. */
export function activeModelOf(backends: readonly GatedBackend[]): string | null {
  const ready = backends.find(({ backend }) => backend.isLocal && backend.state().status === 'ready')
  return ready?.backend.state().model ?? null
}

export function availabilityOf({ backend, breaker }: GatedBackend): 'available' | 'loading' | 'unavailable' {
  const { status } = backend.state()
  if (status === 'ready' && breaker.state().state !== 'open') return 'available'
  return status === 'loading' ? 'loading' : 'unavailable'
}

export function kindOf({ backend }: Pick<GatedBackend, 'backend'>): 'local' | 'remote' {
  return backend.isLocal ? 'local' : 'remote'
}
