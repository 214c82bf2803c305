// A remote backend: any server that speaks OpenAI's chat completions, and completions and embeddings where it has them.
import { isLoopbackUrl } from '../../config/loopback.ts'
import type { AttemptLimits, Backend, BackendState, Capabilities } from '../backend.ts'
import type { EmbeddingRequest, Embeddings } from '../../inference/embedding.ts'
import type { InferenceEvent, InferenceRequest } from '../../inference/request.ts'
import { chatBody } from './chat-body.ts'
import type { Dialect } from './common-body.ts'
import { completionBody } from './completion-body.ts'
import { embed } from './embeddings.ts'
import { Exchange } from './exchange.ts'
import { Failures } from './failures.ts'
import { probe } from './probe.ts'
import { Transport } from './transport.ts'

export type OpenAiOptions = {
  readonly name: string
  /** Ends before /chat/completions: https://api.openai.com/v1 */
  readonly baseUrl: string
  /** Absent: no Authorization header. */
  readonly apiKey?: string | undefined
  /** Absent: the key's own organisation. */
  readonly organisation?: string | undefined
  readonly model: string
  readonly limits: AttemptLimits
  readonly maxConcurrent: number
  /** Of its vectors, `*` for whatever the request names. Absent: it makes none, unless `model` is `*`. */
  readonly embeddingModel?: string | undefined
  /** Where the server differs from most, which have all but pictures and tell no context length. */
  readonly capabilities?: Partial<Capabilities>
  /** How its thinking is switched; default: it is not. */
  readonly thinkingStyle?: Dialect['thinkingStyle']
}

const usual: Capabilities = { contextLength: undefined, tools: true, jsonSchema: true, prefill: false, vision: false, logprobs: true, rawPrompt: true }

export class OpenAiBackend implements Backend {
  readonly kind = 'openai'
  readonly framework = 'openai'
  readonly name: string
  readonly source: string
  readonly isLocal: boolean
  readonly maxConcurrent: number
  readonly capabilities: Capabilities
  readonly limits: AttemptLimits
  readonly embed?: NonNullable<Backend['embed']>
  readonly #dialect: Dialect
  readonly #failures: Failures
  readonly #completionFailures: Failures
  readonly #embeddingFailures: Failures
  readonly #transport: Transport

  constructor(options: OpenAiOptions) {
    const { name, organisation, limits, maxConcurrent, capabilities, thinkingStyle = 'none' } = options
    const baseUrl = new URL(options.baseUrl)
    // A key read from a file ends in a line feed, which no header can carry.
    const apiKey = options.apiKey?.trim()
    this.name = name
    this.source = name
    this.isLocal = isLoopbackUrl(baseUrl.href)
    this.maxConcurrent = maxConcurrent
    this.limits = limits
    // Continuing given text is no part of this wire format.
    this.capabilities = { ...usual, ...capabilities, prefill: false }
    this.#dialect = { model: options.model, maxTokensField: baseUrl.hostname === 'api.openai.com' ? 'max_completion_tokens' : 'max_tokens', thinkingStyle, hasTools: this.capabilities.tools }
    this.#failures = new Failures(name, apiKey)
    this.#completionFailures = new Failures(name, apiKey, 'Set its completions to false when it has no such route.')
    this.#embeddingFailures = new Failures(name, apiKey, 'Set its embedding_model to one that it has.')
    this.#transport = new Transport({ baseUrl, apiKey, organisation })
    const embeddingModel = options.embeddingModel ?? (options.model === '*' ? '*' : undefined)
    if (embeddingModel !== undefined) this.embed = (request, signal) => this.#embed(embeddingModel, request, signal)
  }

  state(): BackendState {
    return { status: 'ready', model: this.#dialect.model }
  }

  async probe(signal: AbortSignal): Promise<void> {
    await probe(this.#transport, this.#failures, signal)
  }

  async *generate(request: InferenceRequest, signal: AbortSignal): AsyncGenerator<InferenceEvent, void> {
    signal.throwIfAborted()
    if (request.prefill !== undefined) throw this.#failures.of('internal', 'was given the beginning of an answer, which it cannot continue.')
    if (this.#dialect.model === '*') this.#requireModel(request)
    const isChat = request.rawPrompt === undefined
    const exchange = new Exchange(isChat ? this.#failures : this.#completionFailures)
    const abandon = () => exchange.abandon(signal.reason)
    signal.addEventListener('abort', abandon, { once: true })
    try {
      if (isChat) this.#transport.post('/chat/completions', chatBody(request, this.#dialect), exchange, request.trace)
      else this.#transport.post('/completions', completionBody(request, this.#dialect), exchange, request.trace)
      for (let batch = await exchange.take(); batch.length > 0; batch = await exchange.take()) {
        for (const event of batch) {
          yield event
          signal.throwIfAborted()
        }
      }
    } finally {
      signal.removeEventListener('abort', abandon)
      exchange.abandon(undefined)
    }
  }

  async close(): Promise<void> {
    await this.#transport.close()
  }

  async #embed(configured: string, request: EmbeddingRequest, signal: AbortSignal): Promise<Embeddings> {
    signal.throwIfAborted()
    const model = configured === '*' ? this.#requireModel(request) : configured
    return embed({ transport: this.#transport, failures: this.#embeddingFailures, model }, request, signal)
  }

  #requireModel({ model }: { readonly model?: string }): string {
    if (model === undefined) throw this.#failures.of('rejected', `takes any model, and none was named. Ask for ${this.name}/MODEL.`)
    return model
  }
}
