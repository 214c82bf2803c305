// Loads a model into llama.cpp and makes the context and slots that serve it.
import { InsufficientMemoryError, LlamaLogLevel, getLlama } from 'node-llama-cpp'
import type { Llama, LlamaModel } from 'node-llama-cpp'
import type { EngineFacts, EngineSettings } from '../protocol.ts'
import { waitForStragglers } from './batching.ts'
import { PromptRenderer } from './prompt.ts'
import { Slots } from './slots.ts'

/** A model ready to generate. */
export type LoadedModel = {
  readonly llama: Llama
  readonly model: LlamaModel
  readonly slots: Slots
  readonly renderer: PromptRenderer
  readonly facts: EngineFacts
}

export type EngineLog = (level: 'debug' | 'info' | 'warn' | 'error', message: string) => void

/** Loads and decodes one token, so that what is ready has proved it. */
export async function loadModel(settings: EngineSettings, log: EngineLog): Promise<LoadedModel> {
  const startedAt = performance.now()
  const llama = await getLlama({
    gpu: false, build: 'never', skipDownload: true, progressLogs: false, maxThreads: settings.threads,
    logLevel: LlamaLogLevel.warn, logger: (level, message) => log(levelOf(level), message.trim())
  })
  // Without the check a model with NaN weights loads and answers nonsense.
  const model = await llama.loadModel({ modelPath: settings.modelPath, checkTensors: true })
  const contextLength = Math.min(settings.contextLength, model.trainContextSize)
  const slotsReference: { current?: Slots } = {}
  const context = await model.createContext({
    sequences: settings.slots, contextSize: contextLength, batchSize: 128 + settings.slots, threads: settings.threads, failedCreationRemedy: false,
    batching: { itemPrioritizationStrategy: waitForStragglers(() => slotsReference.current?.active ?? 0) }
  })
  const slots = new Slots(context)
  slotsReference.current = slots
  const renderer = new PromptRenderer(model)
  await decodeOneToken(slots, renderer)
  return { llama, model, slots, renderer, facts: { contextLength, chatTemplate: renderer.templateName, loadMs: Math.round(performance.now() - startedAt) } }
}

/** True when loading failed because the machine has too little memory. */
export function isOutOfMemory(error: unknown): boolean {
  return error instanceof InsufficientMemoryError
}

async function decodeOneToken(slots: Slots, renderer: PromptRenderer): Promise<void> {
  const { tokens } = renderer.render([{ role: 'user', content: 'Hello' }])
  const slot = slots.take(tokens, undefined)!
  const generation = slot.sequence.evaluate(tokens, { temperature: 0 })
  await generation.next()
  await generation.return()
  slots.release(slot)
}

function levelOf(level: LlamaLogLevel): 'debug' | 'info' | 'warn' | 'error' {
  if (level === LlamaLogLevel.fatal || level === LlamaLogLevel.error) return 'error'
  if (level === LlamaLogLevel.warn) return 'warn'
  return level === LlamaLogLevel.debug ? 'debug' : 'info'
}
