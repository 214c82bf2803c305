// Asks a model hub over HTTP: follows it to its CDN, and leaves the token behind at the hub's own door.
import { EnvHttpProxyAgent } from 'undici'
import type { Dispatcher } from 'undici'
import { untilAborted } from '../../backends/until-aborted.ts'
import { RetryLater } from './retry-later.ts'

export type RemoteOptions = {
  /** The only origin that gets the token. */
  readonly endpoint: URL
  readonly token: string | undefined
}

/** The first and the last byte, both included; without a last one to the end. */
export type ByteRange = readonly [first: number, last?: number]

export type RemoteAnswer = {
  readonly status: number
  readonly headers: Dispatcher.ResponseData['headers']
  readonly body: Dispatcher.ResponseData['body']
  /** Who gave it, after all redirects. */
  readonly url: URL
  /** What the hub said of a file before it sent us on to its CDN. */
  readonly linkedEtag: string | undefined
  readonly linkedBytes: number | undefined
}

const mostRedirects = 5
const connectMs = 10_000
/** Longest silence, before the headers and within the body. */
const silenceMs = 30_000
const agentName = 'switch'

export class Remote {
  readonly endpoint: URL
  readonly #token: string | undefined
  /** HTTPS_PROXY, HTTP_PROXY and NO_PROXY are honoured; a mirror on this machine is never asked through a proxy. */
  readonly #agent = new EnvHttpProxyAgent({
    noProxy: ['localhost', '127.0.0.1', '[::1]', process.env['no_proxy'] ?? process.env['NO_PROXY'] ?? ''].join(','),
    connect: { timeout: connectMs }, headersTimeout: silenceMs, bodyTimeout: silenceMs
  })

  constructor({ endpoint, token }: RemoteOptions) {
    this.endpoint = endpoint
    this.#token = token
  }

  get hasToken(): boolean {
    return this.#token !== undefined
  }

  /**
   * The answer behind all redirects, whatever its status; read its body or dump it.
   * @throws RetryLater when nobody answers
   */
  async get(from: URL, signal: AbortSignal, range?: ByteRange): Promise<RemoteAnswer> {
    let url = from
    let linked: Pick<RemoteAnswer, 'linkedEtag' | 'linkedBytes'> = { linkedEtag: undefined, linkedBytes: undefined }
    for (let redirects = 0; redirects <= mostRedirects; redirects++) {
      const { statusCode: status, headers, body } = await this.#ask(url, signal, range)
      linked = { linkedEtag: linked.linkedEtag ?? etagOf(headers['x-linked-etag']), linkedBytes: linked.linkedBytes ?? numberOf(headers['x-linked-size']) }
      const next = status >= 300 && status < 400 ? redirectTarget(headers['location'], url) : undefined
      if (next === undefined) return { status, headers, body, url, ...linked }
      await dump({ body })
      url = next
    }
    throw new RetryLater(`${from.host} sends us round in a circle`)
  }

  /** Breaks what is under way. */
  async close(): Promise<void> {
    await this.#agent.destroy()
  }

  async #ask(url: URL, signal: AbortSignal, range: ByteRange | undefined): Promise<Dispatcher.ResponseData> {
    const headers = {
      'user-agent': agentName,
      'accept-encoding': 'identity',
      ...(range && { range: `bytes=${range[0]}-${range[1] ?? ''}` }),
      ...(this.#token !== undefined && url.origin === this.endpoint.origin && { authorization: `Bearer ${this.#token}` })
    }
    signal.throwIfAborted()
    try {
      return await untilAborted(this.#agent.request({ origin: url.origin, path: url.pathname + url.search, method: 'GET', headers, signal }), signal)
    } catch (error) {
      signal.throwIfAborted()
      throw new RetryLater(`${url.host} cannot be reached (${wordsOf(error)})`, { cause: error })
    }
  }
}

/** The bytes of an answer as they come. @throws RetryLater when the connection breaks; the signal's reason */
export async function* received({ body, url }: RemoteAnswer, signal: AbortSignal): AsyncGenerator<Buffer, void> {
  try {
    for await (const chunk of body) yield chunk as Buffer
  } catch (error) {
    signal.throwIfAborted()
    throw new RetryLater(`${url.host} broke off (${wordsOf(error)})`, { cause: error })
  }
}

/** Reads the rest of an answer that says nothing, so that its connection can be used again. */
export async function dump({ body }: Pick<RemoteAnswer, 'body'>): Promise<void> {
  await body.dump().catch(() => undefined)
}

/** What went wrong with a connection, in few words. */
export function wordsOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  return code ?? message
}

/** An ETag without quotes and without the mark of a weak one. */
export function etagOf(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header.replace(/^W\//, '').replaceAll('"', '') : undefined
}

function numberOf(header: string | string[] | undefined): number | undefined {
  return typeof header === 'string' && /^\d+$/.test(header) ? Number(header) : undefined
}

/** A connection that began encrypted is not led to one that is not. */
function redirectTarget(location: string | string[] | undefined, from: URL): URL | undefined {
  const target = typeof location === 'string' ? URL.parse(location, from.href) : null
  if (target === null || !/^https?:$/.test(target.protocol)) return undefined
  if (from.protocol === 'https:' && target.protocol !== 'https:') throw new RetryLater(`${from.host} leads to an address without encryption`)
  return target
}
