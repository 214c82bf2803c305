// Makes the configured backends and routes. The only place that knows every kind of backend.
import type { Config } from '../config/schema.ts'
import type { BackendSpec, LlamaCppSpec, OllamaSpec, OpenAiSpec, Specs } from '../config/specs.ts'
import { systemClock } from '../inference/clock.ts'
import { guardBackend } from '../inference/target.ts'
import type { GatedBackend } from '../inference/target.ts'
import { MemoryBudget } from '../models/memory-budget.ts'
import { memoryLimit } from '../models/memory-limit.ts'
import type { Log } from '../observability/log.ts'
import type { Backend } from './backend.ts'
import { LiveRegistry } from './live-registry.ts'
import { LlamaCppBackend } from './llama-cpp/backend.ts'
import { defaultPatience } from './llama-cpp/supervision/engine-watch.ts'
import type { Patience } from './llama-cpp/supervision/engine-watch.ts'
import { modelsOfSpec } from './llama-cpp/models-of-spec.ts'
import type { EngineGround } from './llama-cpp/models-of-spec.ts'

/** All backends with their gates, and the routes over them. */
export type Registry = LiveRegistry

/** Makes one backend from its spec. */
export type MakeBackend = (spec: BackendSpec) => Promise<Backend>

export type RegistryOptions = {
  config: Config
  specs: Specs
  log: Log
  /** By default: the kinds of this file. */
  make?: MakeBackend
  /** Longest wait for the requests of a backend that a reload dropped; 60 s by default. */
  drainMs?: number
}

/** Starts every backend of `specs`. Does not wait for any to be ready: a backend tells in its state when it is. */
export async function createRegistry({ config, specs, log, make = maker(log, new MemoryBudget(memoryLimit(config.HERMES_MAX_MEMORY_MB))), ...drain }: RegistryOptions): Promise<Registry> {
  const registry = new LiveRegistry({ make, guard: (backend) => withGate(backend, config), presentSpec, log, ...drain })
  await registry.reload(specs)
  return registry
}

/** A backend behind its own gate. */
export function withGate(backend: Backend, config: Config): GatedBackend {
  return guardBackend(backend, config.HERMES_MAX_QUEUE, systemClock)
}

/**
 * Makes backends of every kind. Modules of remote ones are loaded only where a spec needs them.
 * @param budget that the local models share
 */
export function maker(log: Log, budget: MemoryBudget, patience: Patience = defaultPatience): MakeBackend {
  return async (spec) => {
    switch (spec.type) {
      case 'llama-cpp': return await llamaCppBackend(spec, { log, budget, patience })
      case 'openai': return await openAiBackend(spec)
      case 'ollama': return await ollamaBackend(spec, log)
    }
  }
}

async function openAiBackend(spec: OpenAiSpec): Promise<Backend> {
  const { OpenAiBackend } = await import('./openai/backend.ts')
  return new OpenAiBackend(spec)
}

async function ollamaBackend(spec: OllamaSpec, log: Log): Promise<Backend> {
  const { OllamaBackend } = await import('./ollama/backend.ts')
  const backend = new OllamaBackend({ ...spec, log })
  backend.start()
  return backend
}

async function llamaCppBackend(spec: LlamaCppSpec, ground: EngineGround): Promise<Backend> {
  const { name, choice, maxConcurrent: slots, contextLength, keepAliveSeconds } = spec
  if ('problem' in choice) ground.log.error({ backend: name, model: choice.name }, choice.problem)
  const backend = new LlamaCppBackend({ name, choice, source: modelsOfSpec(spec, ground), slots, contextLength, keepAliveSeconds })
  await backend.begun
  return backend
}

/** What a backend would be configured as to run what it runs now: a local one may have been given another model. */
function presentSpec(spec: BackendSpec, backend: Backend): BackendSpec {
  return spec.type === 'llama-cpp' && backend instanceof LlamaCppBackend ? { ...spec, choice: backend.choice } : spec
}
