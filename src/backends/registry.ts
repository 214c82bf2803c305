// Makes the configured backends and routes. The only place that knows every kind of backend.
import { statSync } from 'node:fs'
import type { Config } from '../config/schema.ts'
import type { BackendSpec, LlamaCppSpec, OllamaSpec, OpenAiSpec, Specs } from '../config/specs.ts'
import { systemClock } from '../inference/clock.ts'
import { guardBackend } from '../inference/target.ts'
import type { GatedBackend } from '../inference/target.ts'
import { MemoryBudget } from '../models/memory-budget.ts'
import { MemoryClaim } from '../models/memory-claim.ts'
import type { FitOptions } from '../models/memory-fit.ts'
import { memoryLimit } from '../models/memory-limit.ts'
import type { Log } from '../observability/log.ts'
import type { Backend } from './backend.ts'
import { LiveRegistry } from './live-registry.ts'
import { LlamaCppBackend, MissingModelBackend } from './llama-cpp/backend.ts'
import { chunkLength } from './llama-cpp/engine/prompt-share.ts'
import { startEngineInside } from './llama-cpp/engine-inside.ts'
import { startEngineProcess } from './llama-cpp/engine-process.ts'
import { defaultPatience } from './llama-cpp/engine-watch.ts'
import type { Patience } from './llama-cpp/engine-watch.ts'
import { engineThreads } from './llama-cpp/threads.ts'

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
  const registry = new LiveRegistry({ make, guard: (backend) => withGate(backend, config), log, ...drain })
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
      case 'llama-cpp': return llamaCppBackend(spec, log, budget, patience)
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

function llamaCppBackend(spec: LlamaCppSpec, log: Log, budget: MemoryBudget, patience: Patience): Backend {
  const { name, choice, folder, contextLength, maxConcurrent, maxTokens, temperature, isolation, engine } = spec
  if ('problem' in choice) {
    log.error({ backend: name, model: choice.name }, choice.problem)
    return new MissingModelBackend(name, choice.name, choice.problem)
  }
  log.info({ backend: name, model: choice.name, path: choice.path }, 'loading model')
  if (choice.isEmbedded) log.warn({ model: choice.name }, `${choice.name} is a demo that knows little. For a real model put its GGUF file into ${folder} and set HERMES_MODEL_NAME to its name.`)
  const claim = new MemoryClaim(name, choice.path, fitOptions(spec), budget)
  return new LlamaCppBackend({
    backend: name,
    model: choice.name,
    settings: { ...engine, modelPath: choice.path, contextLength, slots: maxConcurrent, threads: engine.threads || engineThreads(fileSize(choice.path)), maxTokens, temperature },
    start: isolation === 'process' ? startEngineProcess : startEngineInside,
    checkModel: () => claim.take(),
    releaseMemory: () => claim.release(),
    patience,
    clock: systemClock,
    log
  })
}

function fitOptions({ contextLength, maxConcurrent, engine: { kvCache, hasFlashAttention, isDeterministic, hasMmap, lora } }: LlamaCppSpec): FitOptions {
  return {
    contextLength, slots: maxConcurrent, batchSize: chunkLength + maxConcurrent, kvCache, hasFlashAttention: hasFlashAttention && !isDeterministic, hasMmap,
    adapterBytes: lora.reduce((sum, { path }) => sum + fileSize(path), 0)
  }
}

function fileSize(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}
