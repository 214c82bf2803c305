// Makes a client of one Switch.
import { readJson, send } from './connection.js'
import { Deadline, checkedTimeout } from './deadline.js'
import { withFallback } from './fallback.js'
import { InferenceStream } from './inference-stream.js'

/** @typedef {import('./client.d.ts').CallOptions} CallOptions */
/** @typedef {import('./client.d.ts').InferRequest} InferRequest */

const usualUrl = 'http://127.0.0.1:8000'
const usualTimeoutMs = 30_000

/**
 * @param {import('./client.d.ts').ClientOptions} [options]
 * @returns {import('./client.d.ts').Client}
 */
export function createClient({ url = usualUrl, token, timeoutMs: ownTimeoutMs = usualTimeoutMs, fetch = globalThis.fetch.bind(globalThis) } = {}) {
  const connection = { fetch, base: baseOf(url), token }
  checkedTimeout(ownTimeoutMs)

  /**
   * @param {number} timeoutMs
   * @param {AbortSignal | undefined} signal
   * @param {string} path
   * @param {Omit<import('./connection.js').Call, 'signal'>} call
   */
  const ask = async (timeoutMs, signal, path, call) => {
    const deadline = new Deadline(timeoutMs, signal)
    try {
      const reply = await send(connection, path, { ...call, signal: deadline.signal })
      return await readJson(reply, deadline.signal)
    } finally {
      deadline.end()
    }
  }

  /** @param {InferRequest} request @param {CallOptions} [options] */
  const infer = async (request, { signal, timeoutMs = ownTimeoutMs } = {}) => {
    const body = timedBody(request, timeoutMs)
    return ask(body.timeout_seconds * 1000, signal, 'switch/infer', { method: 'POST', body: { ...body, stream: false } })
  }

  return {
    infer,
    stream(request, { signal, timeoutMs = ownTimeoutMs } = {}) {
      const body = timedBody(request, timeoutMs)
      return new InferenceStream({ connection, body: { ...body, stream: true }, timeoutMs: body.timeout_seconds * 1000, signal })
    },
    health: async ({ signal, timeoutMs = ownTimeoutMs } = {}) => ask(checkedTimeout(timeoutMs), signal, 'switch/health', { accepts: (status) => status === 200 || status === 503 }),
    inferWithFallback: (prompt, options) => withFallback(() => infer(typeof prompt === 'string' ? { prompt } : prompt, options))
  }
}

/**
 * The body with its deadline in it: the request's own one counts before that of the call.
 * @param {InferRequest} request
 * @param {number} timeoutMs
 */
function timedBody(request, timeoutMs) {
  return { ...request, timeout_seconds: request.timeout_seconds ?? checkedTimeout(timeoutMs) / 1000 }
}

/** @param {string | URL} url */
function baseOf(url) {
  if (!URL.canParse(url)) throw new TypeError(`url must be an address such as ${usualUrl}, not ${String(url)}`)
  const base = new URL(url)
  if (!base.pathname.endsWith('/')) base.pathname += '/'
  return base
}
