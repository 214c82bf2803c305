// The contract of a backend: one place that can answer. Types and comments only.
import type { EmbeddingRequest, Embeddings } from '../inference/embedding.ts'
import type { InferenceEvent, InferenceRequest } from '../inference/request.ts'

export type BackendKind = 'openai' | 'ollama' | 'llama-cpp'

/** What a backend can honour. The chain asks before it spends time on an attempt. */
export type Capabilities = {
  /** Tokens of prompt and answer together; undefined when the backend does not tell. */
  readonly contextLength: number | undefined
  readonly tools: boolean
  readonly jsonSchema: boolean
  /** Can continue an answer from given text. */
  readonly prefill: boolean
  readonly vision: boolean
  /** Gives log probabilities. */
  readonly logprobs: boolean
  /** Goes on from a text as it is, without a chat template. */
  readonly rawPrompt: boolean
}

/** How long one attempt may take, in milliseconds; undefined: only the request's deadline counts. */
export type AttemptLimits = {
  /** The whole attempt. */
  readonly timeoutMs: number | undefined
  /** Until the first text, reasoning or tool call. Headers and heartbeats are none. */
  readonly firstTokenMs: number | undefined
  /** Between two of them. */
  readonly idleMs: number | undefined
}

/** How full the engine of a local model is, as it told last. */
export type EngineLoad = {
  /** Tokens that the slots hold, of answers under way and of those that may be gone on from. */
  readonly kvUsedTokens: number
  /** Tokens that all slots together can hold. */
  readonly kvTotalTokens: number
  readonly busySlots: number
  readonly slots: number
}

/** What is known of a backend right now, from evidence already at hand. */
export type BackendState = {
  /**
   * ready: can answer now. loading: soon; a request waits. unloaded: its memory is free. unloading: on its way there.
   * failed: not until something changes.
   */
  readonly status: 'loading' | 'ready' | 'failed' | 'unloading' | 'unloaded'
  /** unloading, unloaded: true when a request loads it, false when it waits for `ModelControl.load`. */
  readonly loadsOnDemand?: boolean
  /** Why it is not ready, in a sentence that says what to do; absent when it is. */
  readonly reason?: string
  /** The model that would answer. */
  readonly model: string
  /** Measured memory of what answers, in megabytes of 10^6 bytes, where it runs here. */
  readonly memoryUsageMb?: number
  /** Seconds until it is tried again, when that is known. */
  readonly retryAfterSeconds?: number
  /** How often its process was started anew since the service began. */
  readonly restarts?: number
  /** From 0 to 1, while it is loading. */
  readonly loadProgress?: number
  /** A model that is loading to take its place while it still answers. */
  readonly next?: { readonly model: string, readonly loadProgress: number }
  /** Milliseconds that the last load took, once one was measured. */
  readonly loadTimeMs?: number
  /** When its model was ready, in milliseconds since 1970; absent when it is not loaded. */
  readonly loadedAt?: number
  /** When the last request began or ended, in milliseconds since 1970; absent before the first. */
  readonly lastUsedAt?: number
  /** Where an engine of our own runs the model and is ready. */
  readonly engine?: EngineLoad
}

/** What is known of a model beyond its state, where it is loaded and unloaded here or at our word. */
export type ModelDetails = {
  /** Of its file. */
  readonly sizeBytes?: number | undefined
  /** Megabytes of 10^6 bytes, estimated from its header. */
  readonly memoryNeed?: { readonly weightsMb: number, readonly kvCacheMb: number, readonly buffersMb: number, readonly totalMb: number } | undefined
  /** Seconds that it stays loaded when idle; -1 for ever. */
  readonly keepAliveSeconds: number
}

/** Loads, unloads and changes the model of a backend while requests run. One change at a time. */
export interface ModelControl {
  details(): ModelDetails

  /**
   * Resolves when the model is ready. Calls for the same model share one load; it goes on when nobody waits for it.
   * @param model one that takes the place of the present one, without losing a request; absent: the backend's own
   * @throws ModelChangeError
   */
  load(model?: string): Promise<void>

  /**
   * Lets running requests finish and frees the model's memory. New requests fail with `model_unavailable` until `load`.
   * @returns megabytes of 10^6 bytes that it had been measured to take, where that is known
   * @throws ModelChangeError
   */
  unload(): Promise<number | undefined>
}

export interface Backend {
  /** The name in routes, receipts and logs. Never changes. */
  readonly name: string
  readonly kind: BackendKind
  /** What answers carry as `source`. */
  readonly source: string
  /** What runs the model, as health names it: llama-cpp, ollama, openai. */
  readonly framework: string
  /** True when a prompt given to it never leaves the machine. */
  readonly isLocal: boolean
  /** Requests it takes at once. Its gate keeps to it, so `generate` may rely on it. */
  readonly maxConcurrent: number
  readonly capabilities: Capabilities
  readonly limits: AttemptLimits
  /** Absent where the model is not ours to load. */
  readonly modelControl?: ModelControl

  /** At once, without any call: what is known now. */
  state(): BackendState

  /**
   * Asks whether it is there, without spending a token. Resolves when it is; rejects with a BackendError when not.
   * Absent where there is nothing to ask.
   */
  probe?(signal: AbortSignal): Promise<void>

  /**
   * Generates an answer. Nothing happens before the first `next()`.
   * When `signal` aborts, the stream throws its reason, after the backend has stopped the work and is free for
   * the next request. Every other failure is a BackendError. A stream that is left early stops the work too.
   */
  generate(request: InferenceRequest, signal: AbortSignal): AsyncIterable<InferenceEvent>

  /**
   * Vectors of texts, in their order. Absent where the backend cannot make any; where it cannot with the model that it
   * runs, it rejects with a BackendError of reason `rejected` that says so. Otherwise as `generate`.
   */
  embed?(request: EmbeddingRequest, signal: AbortSignal): Promise<Embeddings>

  /** Stops everything it runs. Generations under way fail. Resolves when nothing is left. */
  close(): Promise<void>
}
