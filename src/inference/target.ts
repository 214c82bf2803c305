// A backend with what guards it: its gate, its breaker, and what was learned of it. Shared by all routes.
import type { Backend } from '../backends/backend.ts'
import { Breaker } from './breaker.ts'
import type { Clock } from './clock.ts'
import { Evidence } from './evidence.ts'
import { Gate } from './gate.ts'

export type GatedBackend = {
  readonly backend: Backend
  readonly gate: Gate
  readonly breaker: Breaker
  readonly evidence: Evidence
}

/** Service time assumed of a backend before any was measured. */
const assumedServiceMs = 5000

/** Puts the guards around a backend. @param maxWaiting callers that may wait for it */
export function guardBackend(backend: Backend, maxWaiting: number, clock: Clock): GatedBackend {
  return {
    backend,
    gate: new Gate({ limit: backend.maxConcurrent, maxWaiting, clock, assumedServiceMs }),
    breaker: new Breaker(clock),
    evidence: new Evidence(clock)
  }
}
