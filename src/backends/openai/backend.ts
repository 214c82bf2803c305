// A remote backend: any server that speaks OpenAI's chat completions.
import { isLoopbackUrl } from '../../config/loopback.ts'
import type { AttemptLimits, Backend, BackendState, Capabilities } from '../backend.ts'
import type { InferenceEvent, InferenceRequest } from '../../inference/request.ts'
import { chatBody } from './chat-body.ts'
import type { Dialect } from './chat-body.ts'
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
  /** What the server can do beyond the default: tools and JSON schemas, of unknown context length. */
  readonly capabilities?: Partial<Capabilities>
  /** How its thinking is switched; default: it is not. */
  readonly thinkingStyle?: Dialect['thinkingStyle']
}

const usual: Capabilities = { contextLength: undefined, tools: true, jsonSchema: true, prefill: false, vision: false }

export class OpenAiBackend implements Backend {
  readonly kind = 'openai'
  readonly framework = 'openai'
  readonly name: string
  readonly source: string
  readonly isLocal: boolean
  readonly maxConcurrent: number
  readonly capabilities: Capabilities
  readonly limits: AttemptLimits
  readonly #dialect: Dialect
  readonly #failures: Failures
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
    this.#dialect = { model: options.model, maxTokensField: baseUrl.hostname === 'api.openai.com' ? 'max_completion_tokens' : 'max_tokens', thinkingStyle }
    this.#failures = new Failures(name, apiKey)
    this.#transport = new Transport({ baseUrl, apiKey, organisation })
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
    if (this.#dialect.model === '*' && request.model === undefined) throw this.#failures.of('rejected', `takes any model, and none was named. Ask for ${this.name}/MODEL.`)
    const exchange = new Exchange(this.#failures)
    const abandon = () => exchange.abandon(signal.reason)
    signal.addEventListener('abort', abandon, { once: true })
    try {
      this.#transport.post('/chat/completions', chatBody(request, this.#dialect), exchange)
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
}
