// The HTTP side of Ollama: one pool of connections of its own, no patience of its own, no redirects.
import { Pool } from 'undici'
import type { Dispatcher } from 'undici'
import { traceHeaders } from '../../inference/trace-context.ts'
import type { TraceContext } from '../../inference/trace-context.ts'
import { untilAborted } from '../until-aborted.ts'
import type { ChatBody } from './chat-body.ts'
import type { EmbedBody } from './embeddings.ts'
import { protocolFailure, refusalFailure } from './failures.ts'
import type { GenerateBody } from './generate-body.ts'
import type { OllamaServer } from './server.ts'
import { brokenOff, connectionFailure } from './transport-failures.ts'

const connectMs = 5000
const longestErrorBytes = 64 * 1024
const longestBodyBytes = 8 * 1024 * 1024

type Ask = { readonly method: 'GET' | 'POST', readonly path: string, readonly body?: ChatBody | GenerateBody | EmbedBody | { readonly model: string }, readonly trace?: TraceContext | undefined }

/** `longestBytes`: 8 MB by default; what is longer is no JSON. */
type AskWhole = Ask & { readonly longestBytes?: number }

/** Every method throws the reason of its signal when that aborts, at once, and a BackendError for everything else. */
export class OllamaApi {
  readonly server: OllamaServer
  readonly #pool: Pool

  constructor(server: OllamaServer) {
    this.server = server
    // A prompt may be evaluated for minutes without a byte: the limits of the chain decide, not undici's 300 s.
    this.#pool = new Pool(server.origin, { headersTimeout: 0, bodyTimeout: 0, connect: { timeout: connectMs }, allowH2: false })
  }

  /** The bytes of the answer. Leaving them early closes the connection, which makes Ollama stop. */
  async *stream(path: '/api/chat' | '/api/generate', body: ChatBody | GenerateBody, signal: AbortSignal, trace?: TraceContext): AsyncGenerator<Uint8Array, void> {
    const response = await this.#ask({ method: 'POST', path, body, trace }, signal)
    try {
      for await (const chunk of response) yield chunk as Uint8Array
    } catch (error) {
      signal.throwIfAborted()
      throw brokenOff(this.server, error)
    }
  }

  /** The JSON of a whole answer. */
  async json({ longestBytes = longestBodyBytes, ...ask }: AskWhole, signal: AbortSignal): Promise<unknown> {
    const text = await this.#read(await this.#ask(ask, signal), longestBytes, signal)
    try {
      return JSON.parse(text)
    } catch {
      throw protocolFailure(this.server, `${ask.path} is no JSON`)
    }
  }

  /** Breaks what is under way. */
  async close(): Promise<void> {
    await this.#pool.destroy()
  }

  async #ask({ method, path, body, trace }: Ask, signal: AbortSignal): Promise<Dispatcher.ResponseData['body']> {
    signal.throwIfAborted()
    const response = await this.#send({
      method, path: `${this.server.prefix}${path}`, signal,
      ...(body && { body: JSON.stringify(body), headers: ['content-type', 'application/json', ...(trace ? traceHeaders(trace) : [])] })
    }, signal)
    if (response.statusCode === 200) return response.body
    const retryAfter = Number.parseInt(String(response.headers['retry-after']), 10)
    const text = await this.#read(response.body, longestErrorBytes, signal)
    throw refusalFailure(this.server, { status: response.statusCode, body: text, retryAfterSeconds: Number.isNaN(retryAfter) ? undefined : retryAfter })
  }

  async #send(options: Dispatcher.RequestOptions, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    try {
      return await untilAborted(this.#pool.request(options), signal)
    } catch (error) {
      signal.throwIfAborted()
      throw connectionFailure(this.server, error)
    }
  }

  async #read(body: AsyncIterable<Uint8Array>, longestBytes: number, signal: AbortSignal): Promise<string> {
    const chunks: Uint8Array[] = []
    let bytes = 0
    try {
      for await (const chunk of body) {
        chunks.push(chunk)
        bytes += chunk.length
        if (bytes > longestBytes) break
      }
    } catch (error) {
      signal.throwIfAborted()
      throw brokenOff(this.server, error)
    }
    return Buffer.concat(chunks).toString('utf8').slice(0, longestBytes)
  }
}
