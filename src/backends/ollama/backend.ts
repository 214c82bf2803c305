// The Ollama backend: a model in an Ollama server, over its native API.
import type { AttemptLimits, Backend, BackendState, Capabilities } from '../backend.ts'
import type { Clock } from '../../inference/clock.ts'
import { systemClock } from '../../inference/clock.ts'
import type { EmbeddingRequest, Embeddings } from '../../inference/embedding.ts'
import type { InferenceEvent, InferenceRequest } from '../../inference/request.ts'
import type { Log } from '../../observability/log.ts'
import { OllamaApi } from './api.ts'
import { chatBody } from './chat-body.ts'
import { embed } from './embeddings.ts'
import { protocolFailure } from './failures.ts'
import { generateBody } from './generate-body.ts'
import { readLines } from './lines.ts'
import { isCloudModel, isSameModel } from './model-name.ts'
import { OllamaModelControl } from './model-control.ts'
import { ModelWatch } from './model-watch.ts'
import { readReply } from './reply.ts'
import { ollamaServer } from './server.ts'
import type { OllamaServer } from './server.ts'
import type { OllamaSettings } from './settings.ts'

export type OllamaBackendOptions = OllamaSettings & {
  readonly name: string
  /** What answers carry as `source`; the name by default. */
  readonly source?: string | undefined
  /** Where Ollama answers: http or https, a path before /api is kept. */
  readonly baseUrl: string
  readonly limits: AttemptLimits
  readonly maxConcurrent: number
  readonly clock?: Clock | undefined
  readonly log?: Log | undefined
}

/** Asks nothing of the server before `start` or a request. */
export class OllamaBackend implements Backend {
  readonly kind = 'ollama'
  readonly framework = 'ollama'
  readonly name: string
  readonly source: string
  /** The prompt stays on the operator's machines: the server is this one, or in the private network. */
  readonly isLocal: boolean
  readonly limits: AttemptLimits
  readonly maxConcurrent: number
  readonly modelControl: OllamaModelControl
  readonly #settings: OllamaSettings
  readonly #server: OllamaServer
  readonly #api: OllamaApi
  /** The same server, for the model of the vectors. */
  readonly #embeddingApi: OllamaApi
  readonly #watch: ModelWatch

  /** @throws Error that says what to do when the model or the base URL cannot be used */
  constructor(options: OllamaBackendOptions) {
    const { name, source, baseUrl, limits, maxConcurrent, clock = systemClock, log, model } = options
    const embeddingModel = options.embeddingModel ?? model
    requireLocal(name, model, 'hermes3:3b')
    requireLocal(name, embeddingModel, 'nomic-embed-text')
    this.name = name
    this.source = source ?? name
    this.limits = limits
    this.maxConcurrent = maxConcurrent
    this.#settings = options
    this.#server = ollamaServer(name, model, baseUrl)
    this.isLocal = this.#server.isLocal
    this.#api = new OllamaApi(this.#server)
    this.#embeddingApi = new OllamaApi(ollamaServer(name, embeddingModel, baseUrl))
    this.#watch = new ModelWatch({ api: this.#api, settings: options, clock, log })
    this.modelControl = new OllamaModelControl(name, options, this.#watch)
  }

  get capabilities(): Capabilities {
    // Most templates of Ollama go on with a trailing assistant message, but not all: no prefill.
    const { contextLength, abilities } = this.#watch
    return { contextLength, tools: abilities?.has('tools') ?? true, jsonSchema: true, prefill: false, vision: abilities?.has('vision') ?? false, logprobs: true, rawPrompt: true }
  }

  /** Loads the model and keeps looking after it until `close`. Returns at once; `state` tells how it goes. */
  start(): void {
    this.#watch.start()
  }

  state(): BackendState {
    return this.#watch.state()
  }

  async probe(signal: AbortSignal): Promise<void> {
    await this.#api.json({ method: 'GET', path: '/api/version' }, signal)
  }

  async *generate(request: InferenceRequest, signal: AbortSignal): AsyncGenerator<InferenceEvent, void> {
    signal.throwIfAborted()
    this.#watch.admit()
    try {
      for await (const event of this.#events(request, signal)) {
        signal.throwIfAborted()
        this.#watch.answers()
        yield event
      }
    } catch (error) {
      signal.throwIfAborted()
      this.#watch.fails(error)
      throw error
    }
  }

  async embed(request: EmbeddingRequest, signal: AbortSignal): Promise<Embeddings> {
    signal.throwIfAborted()
    const { keepAliveSeconds, contextLength } = this.#settings
    const isOwn = isSameModel(this.#embeddingApi.server.model, this.#server.model)
    return embed(this.#embeddingApi, request, { keepAliveSeconds, ...(isOwn && { contextLength }) }, signal)
  }

  async close(): Promise<void> {
    this.#watch.close()
    await Promise.all([this.#api.close(), this.#embeddingApi.close()])
  }

  #events(request: InferenceRequest, signal: AbortSignal): AsyncIterable<InferenceEvent> {
    const lines = readLines(this.#answer(request, signal), () => protocolFailure(this.#server, 'a line is longer than 8 MB'))
    return readReply(lines, this.#server, request.parallelToolCalls === false)
  }

  #answer(request: InferenceRequest, signal: AbortSignal): AsyncIterable<Uint8Array> {
    const { abilities } = this.#watch
    if (request.rawPrompt !== undefined) return this.#api.stream('/api/generate', generateBody(request.rawPrompt, request, this.#settings, abilities), signal, request.trace)
    return this.#api.stream('/api/chat', chatBody(request, this.#settings, this.#server, abilities), signal, request.trace)
  }
}

function requireLocal(backend: string, model: string, example: string): void {
  if (isCloudModel(model)) throw new Error(`The model ${model} of backend ${backend} runs in Ollama's cloud, and prompts of this backend are to stay local. Set a model without the cloud suffix, for example ${example}.`)
}
