// Sends one request and reads its reply, or the error that it is.
import { SwitchConnectionError, SwitchError, errorFrom } from './errors.js'

/** @typedef {{ fetch: typeof globalThis.fetch, base: URL, token: string | undefined }} Connection */
/** @typedef {{ method?: 'GET' | 'POST', body?: object, signal: AbortSignal, accepts?: (status: number) => boolean }} Call */

/**
 * The reply, its body not yet read.
 * @param {Connection} connection
 * @param {string} path
 * @param {Call} call `accepts`: statuses that are no errors
 */
export async function send({ fetch, base, token }, path, { method = 'GET', body, signal, accepts = (status) => status === 200 }) {
  const headers = { ...(body && { 'Content-Type': 'application/json' }), ...(token !== undefined && { 'X-VX11-Token': token }) }
  // Switch redirects nobody, and a redirect would take the token along.
  const reply = await orConnectionError(signal, () => fetch(new URL(path, base), { method, headers, signal, redirect: 'error', ...(body && { body: JSON.stringify(body) }) }))
  if (accepts(reply.status)) return reply
  const text = await orConnectionError(signal, () => reply.text())
  throw errorFrom(reply.status, errorBody(text), retryAfterMs(reply.headers.get('retry-after')))
}

/**
 * @param {Response} reply
 * @param {AbortSignal} signal
 */
export async function readJson(reply, signal) {
  const text = await orConnectionError(signal, () => reply.text())
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new SwitchError('The reply is not JSON: what answers is not Switch. Check the url of the client.', { status: reply.status, code: 'SWITCH_CLIENT_NOT_SWITCH', cause })
  }
}

/**
 * An abort goes on as its own reason; anything else that fails is the connection.
 * @template T
 * @param {AbortSignal} signal
 * @param {() => Promise<T>} action
 * @returns {Promise<T>}
 */
export async function orConnectionError(signal, action) {
  try {
    return await action()
  } catch (cause) {
    signal.throwIfAborted()
    throw new SwitchConnectionError('Switch cannot be reached, or went away before it answered. Is it running at the url of the client?', { code: 'SWITCH_CLIENT_CONNECTION', cause })
  }
}

/**
 * Undefined where what came is no error of Switch: a proxy's page.
 * @param {string} text
 * @returns {import('./client.d.ts').ErrorBody | undefined}
 */
function errorBody(text) {
  try {
    const body = JSON.parse(text)
    return typeof body?.error === 'string' && typeof body.code === 'string' ? body : undefined
  } catch {
    return undefined
  }
}

/** @param {string | null} header seconds */
function retryAfterMs(header) {
  const seconds = Number(header ?? NaN)
  return Number.isFinite(seconds) ? seconds * 1000 : undefined
}
