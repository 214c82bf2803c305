// The local backend: a GGUF model in llama.cpp, through a supervised engine.
import { unlimited } from '../unlimited.ts'
import type { Backend, BackendState, Capabilities } from '../backend.ts'
import type { EmbeddingRequest, Embeddings } from '../../inference/embedding.ts'
import { BackendError } from '../../inference/failure.ts'
import type { InferenceEvent, InferenceRequest } from '../../inference/request.ts'
import { Supervisor } from './supervisor.ts'
import type { SupervisorOptions } from './supervisor.ts'

/** A local backend, its engine already starting. */
export class LlamaCppBackend implements Backend {
  readonly kind = 'llama-cpp'
  readonly source = 'local_hermes'
  readonly framework = 'llama-cpp'
  readonly isLocal = true
  readonly limits = unlimited
  readonly name: string
  readonly maxConcurrent: number
  readonly #supervisor: Supervisor
  readonly #contextLength: number

  constructor(options: SupervisorOptions) {
    this.name = options.backend
    this.maxConcurrent = options.settings.slots
    this.#contextLength = options.settings.contextLength
    this.#supervisor = new Supervisor(options)
    this.#supervisor.start()
  }

  get capabilities(): Capabilities {
    return { contextLength: this.#supervisor.facts?.contextLength ?? this.#contextLength, tools: true, jsonSchema: true, prefill: true, vision: false, logprobs: false, rawPrompt: true }
  }

  /** The process that runs the engine, for measurements; undefined while there is none. */
  get enginePid(): number | undefined {
    return this.#supervisor.pid
  }

  state(): BackendState {
    return this.#supervisor.state()
  }

  async *generate(request: InferenceRequest, signal: AbortSignal): AsyncGenerator<InferenceEvent, void> {
    const session = await this.#supervisor.whenReady(signal)
    if (this.#isEmbedding) throw new BackendError(this.name, 'rejected', `${this.state().model} is an embedding model: it makes vectors, not answers. Ask another model, or use /v1/embeddings.`)
    yield* session.generate(request, signal)
  }

  async embed(request: EmbeddingRequest, signal: AbortSignal): Promise<Embeddings> {
    const session = await this.#supervisor.whenReady(signal)
    const { model } = this.state()
    if (!this.#isEmbedding) throw new BackendError(this.name, 'rejected', `${model} is no embedding model. Name a backend whose model makes vectors.`)
    return { model, ...await session.embed(request, signal) }
  }

  get #isEmbedding(): boolean {
    return this.#supervisor.facts?.isEmbedding ?? false
  }

  async close(): Promise<void> {
    await this.#supervisor.close()
  }
}

/** The place of a local backend that has no model: it says why and what to do, and answers nothing. */
export class MissingModelBackend implements Backend {
  readonly kind = 'llama-cpp'
  readonly source = 'local_hermes'
  readonly framework = 'llama-cpp'
  readonly isLocal = true
  readonly maxConcurrent = 1
  readonly limits = unlimited
  readonly capabilities: Capabilities = { contextLength: undefined, tools: false, jsonSchema: false, prefill: false, vision: false, logprobs: false, rawPrompt: false }
  readonly name: string
  readonly #state: BackendState

  /** @param reason a sentence that says what is missing and what to do */
  constructor(name: string, model: string, reason: string) {
    this.name = name
    this.#state = { status: 'failed', model, reason }
  }

  state(): BackendState {
    return this.#state
  }

  // oxlint-disable-next-line require-yield
  async *generate(): AsyncGenerator<InferenceEvent, void> {
    throw new BackendError(this.name, 'model_unavailable', this.#state.reason!)
  }

  async close(): Promise<void> {}
}
