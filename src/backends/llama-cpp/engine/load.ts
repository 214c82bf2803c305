// Loads a model into llama.cpp and makes the context and slots that serve it.
import { InsufficientMemoryError, LlamaLogLevel, NoBinaryFoundError, getLlama } from 'node-llama-cpp'
import type { Llama, LlamaContext, LlamaModel } from 'node-llama-cpp'
import type { EngineFacts, EngineSettings } from '../protocol.ts'
import { Batcher } from './batching/batcher.ts'
import { BatchScheduler } from './batching/batching.ts'
import { batchSizeOf } from './batching/prompt-share.ts'
import { ThreadGovernor } from './batching/thread-governor.ts'
import { Grammars } from './decoding/grammars.ts'
import { Embedder, isEmbeddingModel } from './embedder.ts'
import { gpuOption } from './loading/gpu.ts'
import { isLoraFailure, loraOption } from './loading/lora.ts'
import { UnusableSetting } from './loading/unusable-setting.ts'
import { warmUp } from './loading/warm-up.ts'
import { nativeContextOf } from './native.ts'
import { PromptRenderer } from './prompt/prompt.ts'
import { Slots } from './slots.ts'
import { modelKeyOf } from './states/model-key.ts'
import { PromptCache } from './states/prompt-cache.ts'
import { SavedStates } from './states/saved-states.ts'

/** Tokens of context without which nothing can be asked. */
const leastContext = 8

/** A model ready to work: to generate, or to make vectors. */
export type LoadedModel = {
  readonly llama: Llama
  readonly facts: EngineFacts
  readonly generating?: GeneratingModel
  readonly embedder?: Embedder
}

export type GeneratingModel = {
  readonly model: LlamaModel
  readonly slots: Slots
  readonly batcher: Batcher
  readonly cache: PromptCache
  readonly renderer: PromptRenderer
  readonly grammars: Grammars
}

export type EngineLog = (level: 'debug' | 'info' | 'warn' | 'error', message: string) => void

export type LoadListeners = {
  readonly log: EngineLog
  /** Called with the share of the model that is read, from 0 to 1, for each new hundredth. */
  readonly onProgress: (progress: number) => void
}

/** Loads, decodes one token, so that what is ready has proved it, and evaluates the warm prompt into every slot. */
export async function loadModel(settings: EngineSettings, { log, onProgress }: LoadListeners): Promise<LoadedModel> {
  const startedAt = performance.now()
  const llama = await loadLlama(settings, log)
  // Without the check a model with NaN weights loads and answers nonsense.
  const model = await llama.loadModel({ modelPath: settings.modelPath, checkTensors: true, onLoadProgress: inHundredths(onProgress), ...!settings.hasMmap && { useMmap: false } })
  const contextLength = Math.min(settings.contextLength, model.trainContextSize)
  if (contextLength < leastContext) throw new Error(`The model says that its context is ${contextLength} tokens long`)
  const facts = () => ({ contextLength, gpu: llama.gpu, loadMs: Math.round(performance.now() - startedAt) })
  if (isEmbeddingModel(model)) {
    const embedder = await Embedder.create(model, contextLength, settings.threads)
    await embedder.embed({ texts: ['Hello'] }, new AbortController().signal, () => undefined)
    return { llama, embedder, facts: { ...facts(), chatTemplate: 'none', threads: settings.threads, isEmbedding: true } }
  }
  const { context, ...generating } = await makeGenerating(model, settings, { contextLength, log })
  return { llama, generating, facts: { ...facts(), chatTemplate: generating.renderer.templateName, threads: context.currentThreads } }
}

/** llama.cpp tells of every tensor, and of the first ones a second time. */
function inHundredths(onProgress: (progress: number) => void): (progress: number) => void {
  let told = -1
  return (progress) => {
    const hundredths = Math.floor(Math.min(1, progress) * 100)
    if (hundredths <= told) return
    told = hundredths
    onProgress(hundredths / 100)
  }
}

async function makeGenerating(model: LlamaModel, settings: EngineSettings, { contextLength, log }: { contextLength: number, log: EngineLog }): Promise<GeneratingModel & { context: LlamaContext }> {
  const context = await createContext(model, settings, contextLength)
  const slots = new Slots(context)
  const batcher = createBatcher(context, slots, settings.threads)
  const renderer = new PromptRenderer(model)
  const cache = new PromptCache({ slots, states: await openStates(settings, model.llama, slots, log), worthMs: settings.promptCache.worthMs, batcher })
  await warmUp({ slots, renderer, cache, batcher, warmPrompt: settings.warmPrompt })
  return { model, context, slots, batcher, cache, renderer, grammars: new Grammars(model) }
}

async function loadLlama({ gpu, threads }: EngineSettings, log: EngineLog): Promise<Llama> {
  try {
    return await getLlama({
      gpu: gpuOption(gpu), build: 'never', skipDownload: true, progressLogs: false, maxThreads: threads,
      logLevel: LlamaLogLevel.warn, logger: (level, message) => log(levelOf(level), message.trim())
    })
  } catch (error) {
    throw error instanceof NoBinaryFoundError ? new UnusableSetting(noBuildFor(gpu)) : error
  }
}

function noBuildFor(gpu: EngineSettings['gpu']): string {
  if (gpu === 'auto' || gpu === 'off') return `There is no build of llama.cpp for this system (${process.platform} ${process.arch}; on Linux it needs glibc, not musl)`
  return `HERMES_GPU=${gpu}: its build of llama.cpp is installed, but finds no GPU that it can use here. Look at the driver, or set HERMES_GPU=auto`
}

/** True when loading failed because the machine has too little memory. */
export function isOutOfMemory(error: unknown): boolean {
  return error instanceof InsufficientMemoryError
}

/** False when memory or a setting is to blame. */
export function isModelSuspect(error: unknown): boolean {
  return !isOutOfMemory(error) && !(error instanceof UnusableSetting) && !isLoraFailure(error)
}

/** Undefined when nothing is to be saved. */
async function openStates(settings: EngineSettings, llama: Llama, slots: Slots, log: EngineLog): Promise<SavedStates | undefined> {
  const { folder, maxBytes } = settings.promptCache
  if (maxBytes === 0) return undefined
  const { context, needsCheckpoints } = slots.all[0]!.sequence
  return SavedStates.open({ folder, modelKey: await modelKeyOf(settings, llama, context.contextSize), isCuttable: !needsCheckpoints, maxBytes, log })
}

async function createContext(model: LlamaModel, settings: EngineSettings, contextSize: number): Promise<LlamaContext> {
  const hasFlashAttention = settings.hasFlashAttention && !settings.isDeterministic
  return await model.createContext({
    sequences: settings.slots, contextSize, batchSize: batchSizeOf(settings.slots),
    threads: settings.threads, failedCreationRemedy: false, flashAttention: hasFlashAttention && 'auto',
    ...settings.kvCache === 'q8_0' && { experimentalKvCacheKeyType: 'Q8_0', ...hasFlashAttention && { experimentalKvCacheValueType: 'Q8_0' } },
    ...await loraOption(settings.lora)
  })
}

function createBatcher(context: LlamaContext, slots: Slots, threads: number): Batcher {
  const native = nativeContextOf(context)
  const governor = new ThreadGovernor({ most: threads, apply: (chosen) => native.setThreads(chosen) })
  return new Batcher({ context, slots, scheduler: new BatchScheduler({ slots: () => slots.all, governor }) })
}

function levelOf(level: LlamaLogLevel): 'debug' | 'info' | 'warn' | 'error' {
  if (level === LlamaLogLevel.fatal || level === LlamaLogLevel.error) return 'error'
  if (level === LlamaLogLevel.warn) return 'warn'
  return level === LlamaLogLevel.debug ? 'debug' : 'info'
}
