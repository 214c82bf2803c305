// What is true of each backend right now, read when the metrics are asked for: a reload leaves nothing behind.
import { Counter, Gauge } from 'prom-client'
import type { Registry } from 'prom-client'
import type { BackendState } from '../../backends/backend.ts'
import type { BreakerState } from '../../inference/breaker.ts'
import type { GatedBackend } from '../../inference/target.ts'

/** Backends of now, each time they are read. */
export type Backends = { readonly backends: readonly GatedBackend[] }

/** A value of one backend; undefined where it has none. */
type Read = (target: GatedBackend) => number | undefined

const statuses: readonly BackendState['status'][] = ['loading', 'ready', 'failed', 'unloading', 'unloaded']
const breakerStates: readonly BreakerState['state'][] = ['closed', 'open', 'half-open']

export function addBackendGauges(registry: Registry, source: Backends): void {
  const registers = [registry]
  const gauge = (name: string, help: string, read: Read) => new Gauge({
    name, help, registers, labelNames: ['backend'],
    collect() {
      this.reset()
      for (const [backend, value] of valuesOf(source, read)) this.set({ backend }, value)
    }
  })
  const counter = (name: string, help: string, read: Read) => new Counter({
    name, help, registers, labelNames: ['backend'],
    collect() {
      this.reset()
      for (const [backend, value] of valuesOf(source, read)) this.inc({ backend }, value)
    }
  })
  const stateSet = <State extends string>(name: string, help: string, states: readonly State[], read: (target: GatedBackend) => State) => new Gauge({
    name, help, registers, labelNames: ['backend', 'state'],
    collect() {
      this.reset()
      for (const target of source.backends) for (const state of states) this.set({ backend: target.backend.name, state }, read(target) === state ? 1 : 0)
    }
  })

  stateSet('switch_backend_state', 'State of a backend: 1 for the one that it is in', statuses, ({ backend }) => backend.state().status)
  stateSet('switch_breaker_state', 'State of the circuit breaker of a backend: 1 for the one that it is in', breakerStates, ({ breaker }) => breaker.state().state)
  counter('switch_breaker_openings_total', 'How often the breaker of a backend opened', ({ breaker }) => breaker.openings)
  gauge('switch_gate_running', 'Requests that the gate of a backend let through and that still run', ({ gate }) => gate.state().running)
  gauge('switch_gate_waiting', 'Requests that wait for the gate of a backend', ({ gate }) => gate.state().waiting)
  gauge('switch_gate_limit', 'Requests that the gate of a backend lets through at once', ({ gate }) => gate.state().limit)
  gauge('switch_gate_expected_wait_seconds', 'Expected wait of a request that comes now', ({ gate }) => gate.state().expected_wait_ms / 1000)
  gauge('switch_backend_token_rate', 'Tokens in a second, running mean over the answers of a backend', ({ evidence }) => evidence.report().tokens_per_second ?? undefined)
  addEngineGauges(gauge, counter)
}

/** Of backends whose model runs here. */
function addEngineGauges(gauge: (name: string, help: string, read: Read) => void, counter: typeof gauge): void {
  counter('switch_engine_restarts_total', 'How often the engine of a local model was started anew', stateOf(({ restarts }) => restarts))
  gauge('switch_engine_memory_bytes', 'Measured memory of a local model', stateOf(({ memoryUsageMb }) => memoryUsageMb === undefined ? undefined : memoryUsageMb * 1e6))
  gauge('switch_model_load_seconds', 'How long the last load of a local model took', stateOf(({ loadTimeMs }) => loadTimeMs === undefined ? undefined : loadTimeMs / 1000))
  gauge('switch_engine_kv_used_tokens', 'Tokens that the slots of an engine hold', stateOf(({ engine }) => engine?.kvUsedTokens))
  gauge('switch_engine_kv_limit_tokens', 'Tokens that the slots of an engine can hold', stateOf(({ engine }) => engine?.kvTotalTokens))
  gauge('switch_engine_slots_busy', 'Slots of an engine that work', stateOf(({ engine }) => engine?.busySlots))
  gauge('switch_engine_slots', 'Slots of an engine', stateOf(({ engine }) => engine?.slots))
}

function stateOf(read: (state: BackendState) => number | undefined): Read {
  return ({ backend }) => read(backend.state())
}

function valuesOf({ backends }: Backends, read: Read): [string, number][] {
  return backends.flatMap((target) => {
    const value = read(target)
    return value === undefined ? [] : [[target.backend.name, value] as [string, number]]
  })
}
