// The connections to one server: kept alive, bounded, and never led elsewhere.
import { Pool } from 'undici'
import type { Dispatcher } from 'undici'
import { traceHeaders } from '../../inference/trace-context.ts'
import type { TraceContext } from '../../inference/trace-context.ts'

export type TransportOptions = {
  /** Ends before /chat/completions. */
  readonly baseUrl: URL
  readonly apiKey: string | undefined
  /** Sent as openai-organization. */
  readonly organisation: string | undefined
}

const poolOptions: Pool.Options = {
  connect: { timeout: 5_000 },
  // Whoever called sets the limits of an attempt; a second clock here would only disagree.
  headersTimeout: 0,
  bodyTimeout: 0,
  maxHeaderSize: 16 * 1024,
  // Below what common servers keep (uvicorn: 5 s), so that a connection is rarely closed as it is used.
  keepAliveTimeout: 4_000,
  // With HTTP/1.1 an aborted request closes its connection: nothing goes on that costs tokens.
  allowH2: false
}

export class Transport {
  readonly #pool: Pool
  readonly #path: string
  readonly #headers: string[]

  constructor({ baseUrl, apiKey, organisation }: TransportOptions) {
    this.#pool = new Pool(baseUrl.origin, poolOptions)
    this.#path = baseUrl.pathname.replace(/\/+$/, '')
    this.#headers = ['accept', 'text/event-stream, application/json', 'accept-encoding', 'identity', 'user-agent', 'switch']
    if (apiKey) this.#headers.push('authorization', `Bearer ${apiKey}`)
    if (organisation) this.#headers.push('openai-organization', organisation)
  }

  /** POSTs JSON text; `handler` hears of everything that follows, a failure to connect included. */
  post(path: string, body: string, handler: Dispatcher.DispatchHandler, trace?: TraceContext): void {
    this.#pool.dispatch(this.#posting(path, body, trace), handler)
  }

  /** POSTs JSON text and resolves with the head of the reply. */
  async ask(path: string, body: string, signal: AbortSignal, trace?: TraceContext): Promise<Dispatcher.ResponseData> {
    return this.#pool.request({ ...this.#posting(path, body, trace), signal })
  }

  async get(path: string, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    return this.#pool.request({ method: 'GET', path: this.#path + path, headers: this.#headers, signal })
  }

  /** Destroys every connection; requests under way fail. */
  async close(): Promise<void> {
    await this.#pool.destroy()
  }

  #posting(path: string, body: string, trace: TraceContext | undefined) {
    return { method: 'POST' as const, path: this.#path + path, headers: ['content-type', 'application/json', ...this.#headers, ...(trace ? traceHeaders(trace) : [])], body }
  }
}
