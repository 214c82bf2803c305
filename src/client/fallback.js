// What a chat shows when Switch does not answer as hoped.
import { SwitchTimeoutError, SwitchUnavailableError } from './errors.js'

/** @type {import('./client.d.ts').TimeoutAnswer} */
const timeoutAnswer = { response: '[Timeout] Model taking too long. Try again or use CLI.', source: 'degraded_fallback', degraded: true }

/**
 * @template T
 * @param {() => Promise<T>} infer
 * @returns {Promise<T | import('./client.d.ts').TimeoutAnswer>}
 */
export async function withFallback(infer) {
  try {
    return await infer()
  } catch (error) {
    if (error instanceof SwitchTimeoutError) return { ...timeoutAnswer }
    if (!(error instanceof SwitchUnavailableError)) throw error
    const { status, body, retryAfterMs, code } = error
    throw new SwitchUnavailableError(`Hermes model unavailable. ${error.message}`, { status, body, retryAfterMs, code, cause: error })
  }
}
