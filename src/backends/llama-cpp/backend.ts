// The local backend: a GGUF model in llama.cpp, through a supervised engine.
import type { EmbeddingRequest, Embeddings } from '../../inference/embedding.ts'
import { BackendError } from '../../inference/failure.ts'
import type { InferenceEvent, InferenceRequest } from '../../inference/request.ts'
import type { ModelChoice } from '../../models/choose.ts'
import type { Backend, BackendState, Capabilities, ModelControl, ModelDetails } from '../backend.ts'
import { unlimited } from '../unlimited.ts'
import { CurrentModel } from './current-model.ts'
import type { ModelSource } from './model-source.ts'
import type { SupervisorOptions } from './supervision/supervisor-options.ts'

export type LlamaCppBackendOptions = {
  readonly name: string
  /** The model to begin with, or why there is none: then it answers nothing, says why, and may be given one. */
  readonly choice: ModelChoice
  readonly source: ModelSource
  /** Requests at once: the slots of each engine. */
  readonly slots: number
  /** Tokens, until an engine has told its own. */
  readonly contextLength: number
  /** Seconds that an idle model stays loaded; -1 for ever. */
  readonly keepAliveSeconds: number
}

/** A local backend, its engine already starting. */
export class LlamaCppBackend implements Backend, ModelControl {
  readonly kind = 'llama-cpp'
  readonly source = 'local_hermes'
  readonly framework = 'llama-cpp'
  readonly isLocal = true
  readonly limits = unlimited
  readonly name: string
  readonly maxConcurrent: number
  readonly #options: LlamaCppBackendOptions
  readonly #model: CurrentModel

  constructor(options: LlamaCppBackendOptions) {
    this.name = options.name
    this.maxConcurrent = options.slots
    this.#options = options
    this.#model = new CurrentModel(options.name, options.choice, options.source)
  }

  /** A backend that has this one model for good. */
  static of(options: SupervisorOptions): LlamaCppBackend {
    const { backend: name, model, settings: { modelPath: path, slots, contextLength } } = options
    const choice = { name: model, path, isEmbedded: false }
    const find = (other = model) => other === model ? choice : { name: other, problem: `${name} has no model but ${model}.` }
    return new LlamaCppBackend({ name, choice, source: { find, prepare: () => options }, slots, contextLength, keepAliveSeconds: -1 })
  }

  /** Resolves when the engine process is started, or may not be: from then on it loads beside whatever this process does. */
  get begun(): Promise<void> {
    return this.#model.begun
  }

  get capabilities(): Capabilities {
    const { supervisor } = this.#model
    const able = supervisor !== undefined
    const contextLength = able ? supervisor.facts?.contextLength ?? this.#options.contextLength : undefined
    return { contextLength, tools: able, jsonSchema: able, prefill: able, vision: false, logprobs: false, rawPrompt: able }
  }

  get modelControl(): ModelControl {
    return this
  }

  /** What it runs, or why nothing: the present one, which `load` may have changed. */
  get choice(): ModelChoice {
    return this.#model.choice
  }

  /** The process that runs the engine, for measurements; undefined while there is none. */
  get enginePid(): number | undefined {
    return this.#model.supervisor?.pid
  }

  state(): BackendState {
    return this.#model.state()
  }

  details(): ModelDetails {
    return { keepAliveSeconds: this.#options.keepAliveSeconds, ...this.#model.supervisor?.options.claim?.details }
  }

  load(model?: string): Promise<void> {
    return this.#model.load(model)
  }

  unload(): Promise<number | undefined> {
    return this.#model.unload()
  }

  async *generate(request: InferenceRequest, signal: AbortSignal): AsyncGenerator<InferenceEvent, void> {
    const { session, facts, release } = await this.#model.use(signal)
    try {
      if (facts.isEmbedding) throw new BackendError(this.name, 'rejected', `${session.model} is an embedding model: it makes vectors, not answers. Ask another model, or use /v1/embeddings.`)
      yield* session.generate(request, signal)
    } finally {
      release()
    }
  }

  async embed(request: EmbeddingRequest, signal: AbortSignal): Promise<Embeddings> {
    const { session, facts, release } = await this.#model.use(signal)
    try {
      if (!facts.isEmbedding) throw new BackendError(this.name, 'rejected', `${session.model} is no embedding model. Name a backend whose model makes vectors.`)
      return { model: session.model, ...await session.embed(request, signal) }
    } finally {
      release()
    }
  }

  async close(): Promise<void> {
    await this.#model.close()
  }
}
