// The messages between the service and an engine, and the channel that carries them. Types only.
import type { EmbeddingRequest } from '../../inference/embedding.ts'
import type { InferenceEvent, InferenceRequest } from '../../inference/request.ts'
import type { EngineLoad } from '../backend.ts'

/** A LoRA adapter that is applied to the model. */
export type LoraAdapter = { readonly path: string, readonly scale: number }

/** Where prompt states are saved. */
export type PromptCacheSettings = {
  readonly folder: string
  /** Bound of the folder; 0: nothing is saved. */
  readonly maxBytes: number
  /** A prompt that is evaluated again within this time is not saved. */
  readonly worthMs: number
}

/** How an engine runs its model: what people tune. */
export type EngineOptions = {
  /** Threads of llama.cpp; 0: as many as suit the model and the machine. */
  readonly threads: number
  /** `auto`: the GPU that an installed build of llama.cpp can use, else the CPU. */
  readonly gpu: 'auto' | 'off' | 'cuda' | 'vulkan' | 'metal'
  /** Without flash attention `q8_0` holds for the keys alone: llama.cpp cannot quantize the values then. */
  readonly kvCache: 'f16' | 'q8_0'
  readonly hasFlashAttention: boolean
  /** The same prompt gives the same text, alone or beside others: no flash attention, and a seed where none is named. */
  readonly isDeterministic: boolean
  /** The file is mapped into memory instead of read. */
  readonly hasMmap: boolean
  readonly lora: readonly LoraAdapter[]
  /** A system prompt that is evaluated into every slot before the engine is ready. */
  readonly warmPrompt: string | undefined
  /** Prompt-lookup speculation while one generation runs alone. */
  readonly isSpeculative: boolean
  readonly promptCache: PromptCacheSettings
}

/** How an engine loads its one model. */
export type EngineSettings = EngineOptions & {
  readonly modelPath: string
  /** Tokens of one slot's context. */
  readonly contextLength: number
  /** Slots: generations at once. */
  readonly slots: number
  /** Defaults and upper bounds of a generation. */
  readonly maxTokens: number
  readonly temperature: number
}

/** What an engine knows of itself once its model is loaded. */
export type EngineFacts = {
  /** Tokens of one slot's context as created, which the model's own limit may have cut. */
  readonly contextLength: number
  /** How the chat template is rendered, for the log. */
  readonly chatTemplate: string
  /** What llama.cpp runs on: a kind of GPU, or false for the CPU. */
  readonly gpu: string | false
  readonly threads: number
  readonly loadMs: number
  /** True for a model that makes vectors and no text. */
  readonly isEmbedding?: boolean
}

/** Why a generation failed inside a living engine. `rejected`: the request is at fault. */
export type EngineFailure = {
  readonly reason: 'context_length_exceeded' | 'rejected' | 'internal'
  readonly message: string
  readonly facts?: Record<string, number>
}

/** Where an engine process writes its messages, each a line of JSON. It gets its own through Node's channel. */
export const fromEngineDescriptor = 4

export type ToEngine =
  | { readonly type: 'load', readonly settings: EngineSettings }
  | { readonly type: 'generate', readonly id: number, readonly request: InferenceRequest }
  /** Only for a model that makes vectors. */
  | { readonly type: 'embed', readonly id: number, readonly request: EmbeddingRequest }
  /** Stop this generation or embedding; `ended` follows when its slot is free. */
  | { readonly type: 'abort', readonly id: number }

/** One step of one generation, or the vectors of an embedding. `ended` comes exactly once, last, when the slot is free again. */
export type GenerationStep =
  | { readonly type: 'event', readonly id: number, readonly event: InferenceEvent }
  | { readonly type: 'embedded', readonly id: number, readonly vectors: readonly (readonly number[])[], readonly promptTokens: number }
  | { readonly type: 'ended', readonly id: number, readonly failure?: EngineFailure }

export type FromEngine =
  /** From 0 to 1, growing: how much of the model is read. Between the last one and `loaded` the context is made. */
  | { readonly type: 'load-progress', readonly progress: number }
  | { readonly type: 'loaded', readonly facts: EngineFacts }
  /** `isModelSuspect`: the file may be damaged; false when memory or a setting is to blame. */
  | { readonly type: 'load-failed', readonly message: string, readonly isOutOfMemory: boolean, readonly isModelSuspect: boolean }
  /** Steps travel together: a message costs more than what it carries. */
  | { readonly type: 'steps', readonly steps: readonly GenerationStep[] }
  /** Sent twice a second. `progress` grows with each piece of work done. `load`: once the model is ready, of one that makes text. */
  | { readonly type: 'heartbeat', readonly rssBytes: number, readonly active: number, readonly progress: number, readonly load?: EngineLoad }
  | { readonly type: 'log', readonly level: 'debug' | 'info' | 'warn' | 'error', readonly message: string }

/** How an engine ended: `how` in words that continue "it …" and may be shown, `lastWords` for the log alone. */
export type EngineExit = { readonly how: string, readonly lastWords: readonly string[] }

/** One end of the connection to an engine. Messages arrive in order. */
export type EngineConnection = {
  /** The process that runs the engine; undefined when it could not be started. */
  readonly pid: number | undefined
  send(message: ToEngine): void
  /** Called for each message. */
  onMessage(listener: (message: FromEngine) => void): void
  /** Called once when the engine is gone. */
  onExit(listener: (exit: EngineExit) => void): void
  /** Ends the engine at once, whatever it does. Resolves when it is gone. */
  kill(): Promise<void>
}

/** Starts an engine. It does nothing until it gets `load`. */
export type StartEngine = () => EngineConnection
