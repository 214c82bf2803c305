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

/** What is known of a backend right now, from evidence already at hand. */
export type BackendState = {
  /** ready: can answer now. loading: soon; a request waits. failed: not until something changes. */
  readonly status: 'loading' | 'ready' | 'failed'
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
