// Registries of tests: over backends that are there already, and a look into the local engine.
import type { LlamaCppBackend } from '../../src/backends/llama-cpp/backend.ts'
import { LiveRegistry } from '../../src/backends/live-registry.ts'
import { withGate } from '../../src/backends/registry.ts'
import type { MakeBackend, Registry } from '../../src/backends/registry.ts'
import { routeSpecs } from '../../src/config/route-specs.ts'
import { listOf } from '../../src/config/schema.ts'
import type { Config } from '../../src/config/schema.ts'
import type { GatedBackend } from '../../src/inference/target.ts'

/** The routes of the environment over backends that are there already. */
export function assemble(backends: readonly GatedBackend[], config: Config): Registry {
  const namesOf = (targets: readonly GatedBackend[]) => targets.map(({ backend }) => backend.name)
  const routes = routeSpecs({ order: listOf(config.SWITCH_ROUTE), configured: namesOf(backends), local: namesOf(backends.filter(({ backend }) => backend.isLocal)), fileRoutes: new Map() })
  const make: MakeBackend = async ({ name }) => {
    throw new Error(`${name} cannot be made: this registry has only the backends it was given`)
  }
  return new LiveRegistry({ make, guard: (backend) => withGate(backend, config), log: { debug() {}, info() {}, warn() {}, error() {} } }, backends, routes)
}

/** The process that runs the local engine. */
export function enginePidOf({ backends }: Registry): number | undefined {
  const local = backends.find(({ backend }) => backend.kind === 'llama-cpp')?.backend
  return (local as LlamaCppBackend | undefined)?.enginePid
}
