// The models of a configured local backend: where they are found, and how the engine of each is run.
import { statSync } from 'node:fs'
import type { LlamaCppSpec } from '../../config/specs.ts'
import { systemClock } from '../../inference/clock.ts'
import { readCatalogue } from '../../models/catalogue.ts'
import { chooseModel } from '../../models/choose.ts'
import type { MemoryBudget } from '../../models/memory-budget.ts'
import { MemoryClaim } from '../../models/memory-claim.ts'
import type { FitOptions } from '../../models/memory-fit.ts'
import type { Log } from '../../observability/log.ts'
import { startEngineInside } from './engine-inside.ts'
import { startEngineProcess } from './engine-process.ts'
import { batchSizeOf } from './engine/batching/prompt-share.ts'
import type { FoundModel, ModelSource } from './model-source.ts'
import type { Patience } from './supervision/engine-watch.ts'
import type { SupervisorOptions } from './supervision/supervisor-options.ts'
import { engineThreads } from './threads.ts'

export type EngineGround = {
  readonly log: Log
  /** That the local models share. */
  readonly budget: MemoryBudget
  readonly patience: Patience
}

export function modelsOfSpec(spec: LlamaCppSpec, ground: EngineGround): ModelSource {
  const { wanted } = spec
  return {
    find: (name = wanted.name) => chooseModel({ ...wanted, name, catalogue: readCatalogue() }),
    prepare: (model) => supervisorOptions(spec, model, ground)
  }
}

function supervisorOptions(spec: LlamaCppSpec, { name: model, path, isEmbedded }: FoundModel, { log, budget, patience }: EngineGround): SupervisorOptions {
  const { name, wanted: { folder }, contextLength, maxConcurrent, maxTokens, temperature, isolation, engine, keepAliveSeconds } = spec
  log.info({ backend: name, model, path }, 'loading model')
  if (isEmbedded) log.warn({ model }, `${model} is a demo that knows little. For a real model: npx switch models pull, or put its GGUF file into ${folder} and set HERMES_MODEL_NAME to its name.`)
  const claim = new MemoryClaim({ name, path, folder, fit: fitOptions(spec), budget })
  return {
    backend: name,
    model,
    settings: { ...engine, modelPath: path, contextLength, slots: maxConcurrent, threads: engine.threads || engineThreads(fileSize(path)), maxTokens, temperature },
    start: isolation === 'process' ? startEngineProcess : startEngineInside,
    checkModel: (inPlaceOf) => claim.take(inPlaceOf),
    claim,
    keepAliveMs: keepAliveSeconds < 0 ? Infinity : keepAliveSeconds * 1000,
    patience,
    clock: systemClock,
    log
  }
}

function fitOptions({ contextLength, maxConcurrent, engine: { kvCache, hasFlashAttention, isDeterministic, hasMmap, lora } }: LlamaCppSpec): FitOptions {
  return {
    contextLength, slots: maxConcurrent, batchSize: batchSizeOf(maxConcurrent), kvCache, hasFlashAttention: hasFlashAttention && !isDeterministic, hasMmap,
    adapterBytes: lora.reduce((sum, { path }) => sum + fileSize(path), 0)
  }
}

function fileSize(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}
