// Makes the configured backends and routes. The only place that knows every kind of backend.
import { statSync } from 'node:fs'
import type { Config } from '../config/schema.ts'
import { listOf } from '../config/schema.ts'
import type { GatedBackend } from '../inference/attempt.ts'
import { systemClock } from '../inference/clock.ts'
import { Gate } from '../inference/gate.ts'
import type { Routes } from '../inference/route.ts'
import { readCatalogue } from '../models/catalogue.ts'
import { chooseModel } from '../models/choose.ts'
import { checkGguf } from '../models/gguf.ts'
import type { Log } from '../observability/log.ts'
import type { Backend } from './backend.ts'
import { LlamaCppBackend, MissingModelBackend } from './llama-cpp/backend.ts'
import { startEngineInside } from './llama-cpp/engine-inside.ts'
import { startEngineProcess } from './llama-cpp/engine-process.ts'
import { defaultPatience } from './llama-cpp/supervisor.ts'
import type { Patience } from './llama-cpp/supervisor.ts'
import { engineThreads } from './llama-cpp/threads.ts'

/** All backends with their gates, and the routes over them. */
export type Registry = {
  readonly backends: readonly GatedBackend[]
  readonly routes: Routes
  /** Ends every backend. */
  close(): Promise<void>
}

/** Service time assumed of a backend before any was measured. */
const assumedServiceMs = 5000

/** Starts every configured backend. Returns at once: a backend tells in its state when it is ready. */
export function createRegistry(config: Config, log: Log, patience: Patience = defaultPatience): Registry {
  const backends = config.HERMES_ENABLE ? [withGate(createHermes(config, log, patience), config)] : []
  return assemble(backends, config)
}

/** The routes over `backends`: default, fast, reasoning and local. */
export function assemble(backends: readonly GatedBackend[], config: Config): Registry {
  const named = (names: readonly string[]) => names.flatMap((name) => backends.find(({ backend }) => backend.name === name) ?? [])
  const order = listOf(config.SWITCH_ROUTE)
  return {
    backends,
    routes: new Map([
      ['default', named(order)],
      ['fast', named(order)],
      ['reasoning', named(['deepseek', ...order.filter((name) => name !== 'deepseek')])],
      ['local', backends.filter(({ backend }) => backend.isLocal)]
    ]),
    close: async () => {
      await Promise.all(backends.map(({ backend }) => backend.close()))
    }
  }
}

/** A backend behind its own gate. */
export function withGate(backend: Backend, config: Config): GatedBackend {
  return { backend, gate: new Gate({ limit: backend.maxConcurrent, maxWaiting: config.HERMES_MAX_QUEUE, clock: systemClock, assumedServiceMs }) }
}

function fileSize(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

function createHermes(config: Config, log: Log, patience: Patience): Backend {
  if (config.HERMES_FRAMEWORK !== 'llama-cpp') {
    return new MissingModelBackend('hermes', config.HERMES_MODEL_NAME, `HERMES_FRAMEWORK=${config.HERMES_FRAMEWORK} is not part of this version. Set HERMES_FRAMEWORK=llama-cpp.`)
  }
  const choice = chooseModel({ name: config.HERMES_MODEL_NAME, folder: config.HERMES_MODEL_DIR, hasRemoteBackend: config.OPENAI_API_KEY !== undefined || config.DEEPSEEK_API_KEY !== undefined, catalogue: readCatalogue() })
  if ('problem' in choice) {
    log.error({ model: choice.name }, choice.problem)
    return new MissingModelBackend('hermes', choice.name, choice.problem)
  }
  log.info({ model: choice.name, path: choice.path }, 'loading model')
  if (choice.isEmbedded) log.warn({ model: choice.name }, `${choice.name} is a demo that knows little. For a real model put its GGUF file into ${config.HERMES_MODEL_DIR} and set HERMES_MODEL_NAME to its name.`)
  return new LlamaCppBackend({
    backend: 'hermes',
    model: choice.name,
    settings: {
      modelPath: choice.path, contextLength: config.HERMES_CONTEXT_LENGTH, slots: config.HERMES_MAX_CONCURRENT, threads: engineThreads(fileSize(choice.path)),
      maxTokens: config.HERMES_MAX_TOKENS, temperature: config.HERMES_TEMPERATURE
    },
    start: config.HERMES_ISOLATION === 'process' ? startEngineProcess : startEngineInside,
    checkModel: () => checkGguf(choice.path),
    patience,
    clock: systemClock,
    log
  })
}
