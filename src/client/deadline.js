// The time of one call: what the service is told, and when the client itself gives up.
import { SwitchTimeoutError } from './errors.js'

/** How much longer the client waits: it is the service that ends a request in time, with the receipt of what it tried. */
const graceMs = 2000
const range = { least: 100, most: 3_600_000 }

/**
 * @param {unknown} timeoutMs
 * @returns {number}
 */
export function checkedTimeout(timeoutMs) {
  if (typeof timeoutMs === 'number' && timeoutMs >= range.least && timeoutMs <= range.most) return timeoutMs
  throw new TypeError(`timeoutMs must be a number from ${range.least} to ${range.most}, in milliseconds, not ${String(timeoutMs)}`)
}

export class Deadline {
  #controller = new AbortController()
  #timer

  /**
   * @param {number} timeoutMs
   * @param {AbortSignal} [callerSignal]
   */
  constructor(timeoutMs, callerSignal) {
    this.#timer = setTimeout(() => this.#controller.abort(new SwitchTimeoutError(`Switch said nothing within ${timeoutMs + graceMs} ms.`, { code: 'SWITCH_CLIENT_TIMEOUT' })), timeoutMs + graceMs)
    /** Aborts with the reason of the caller, or with a SwitchTimeoutError. */
    this.signal = callerSignal ? AbortSignal.any([callerSignal, this.#controller.signal]) : this.#controller.signal
  }

  /** To be called when the call has ended: nothing waits any more. */
  end() {
    clearTimeout(this.#timer)
  }
}
