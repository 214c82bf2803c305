// One streamed answer: its deltas as they come, then the whole.
import { orConnectionError, send } from './connection.js'
import { Deadline } from './deadline.js'
import { SwitchConnectionError, SwitchStreamError, errorFrom } from './errors.js'
import { EventParser } from './event-parser.js'

/** @typedef {import('./client.d.ts').Delta} Delta */
/** @typedef {import('./client.d.ts').InferAnswer} InferAnswer */
/** @typedef {{ connection: import('./connection.js').Connection, body: object, timeoutMs: number, signal: AbortSignal | undefined }} StreamOptions */

export class InferenceStream {
  #deltas
  /** @type {InferAnswer | undefined} */
  #answer
  /** @type {unknown} */
  #failure

  /** @param {StreamOptions} options */
  constructor(options) {
    this.#deltas = this.#read(options)
  }

  [Symbol.asyncIterator]() {
    return this.#deltas
  }

  /** @returns {Promise<InferAnswer>} */
  async result() {
    for (let isOver = false; !isOver;) isOver = (await this.#deltas.next()).done === true
    if (this.#answer) return this.#answer
    throw this.#failure ?? new SwitchStreamError('The stream was left before its end.', { code: 'SWITCH_CLIENT_STREAM_LEFT' })
  }

  /**
   * @param {StreamOptions} options
   * @returns {AsyncGenerator<Delta, void>}
   */
  async *#read({ connection, body, timeoutMs, signal }) {
    const deadline = new Deadline(timeoutMs, signal)
    try {
      const reply = await send(connection, 'switch/infer', { method: 'POST', body, signal: deadline.signal })
      for await (const { event, data } of eventsOf(reply, deadline.signal)) {
        if (event === 'delta') yield data
        else if (event === 'error') throw streamFailure(data)
        else if (event === 'done') return void (this.#answer = data)
      }
      throw new SwitchStreamError('The stream ended without an answer: what came so far is incomplete. Send the request again.', { code: 'SWITCH_CLIENT_STREAM_CUT' })
    } catch (error) {
      this.#failure = error
      throw error
    } finally {
      deadline.end()
    }
  }
}

/**
 * @param {Response} reply
 * @param {AbortSignal} signal
 */
async function* eventsOf(reply, signal) {
  if (!reply.headers.get('content-type')?.startsWith('text/event-stream') || reply.body === null) {
    throw new SwitchStreamError('The reply is no stream: what answers is not Switch. Check the url of the client.', { status: reply.status, code: 'SWITCH_CLIENT_NOT_SWITCH' })
  }
  const reader = reply.body.getReader()
  const decoder = new TextDecoder()
  const parser = new EventParser()
  try {
    for (;;) {
      const { done, value } = await orConnectionError(signal, () => reader.read())
      for (const { event, data } of parser.push(decoder.decode(value, { stream: !done }))) yield { event, data: parsed(data) }
      if (done) return
    }
  } catch (error) {
    // What was begun and broke off is another matter than a service that is not there.
    if (!(error instanceof SwitchConnectionError)) throw error
    throw new SwitchStreamError('The connection broke off in the middle of the answer: what came so far is incomplete. Send the request again.', { code: 'SWITCH_CLIENT_STREAM_CUT', cause: error.cause })
  } finally {
    // Also when the caller leaves early: Switch then stops the work.
    reader.cancel().catch(() => undefined)
  }
}

/** @param {string} data */
function parsed(data) {
  try {
    return JSON.parse(data)
  } catch (cause) {
    throw new SwitchStreamError('An event of the stream is not JSON: what answers is not Switch.', { code: 'SWITCH_CLIENT_NOT_SWITCH', cause })
  }
}

/**
 * Time that ran out is told by the same class as without a stream.
 * @param {import('./client.d.ts').ErrorBody} body
 */
function streamFailure(body) {
  return body.code === 'SWITCH_DEADLINE_EXCEEDED' ? errorFrom(503, body) : new SwitchStreamError(body.error, { body })
}
