// Writes Server-Sent Events: named events with JSON data, and a comment when nothing was said for a while.
import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'

export type ServerEvent = { event: string, data: unknown }

const heartbeatMs = 10_000
const heartbeat = ': still here\n\n'

/**
 * Sends `first`, which was read to see that there is a stream at all, and then `rest` as they come, in order, at the
 * caller's pace. Leaving early ends the source too.
 */
export function sendEvents(reply: FastifyReply, first: IteratorResult<ServerEvent>, rest: AsyncGenerator<ServerEvent>): FastifyReply {
  return reply
    .header('Content-Type', 'text/event-stream; charset=utf-8')
    .header('Cache-Control', 'no-cache, no-transform')
    .header('X-Accel-Buffering', 'no')
    .send(new EventStream(first, rest))
}

/** The events as text. Not Readable.from over a generator: that costs twice as much for each event. */
class EventStream extends Readable {
  readonly #events: AsyncGenerator<ServerEvent>
  #silence: NodeJS.Timeout | undefined
  #first: IteratorResult<ServerEvent> | undefined
  #isReading = false

  constructor(first: IteratorResult<ServerEvent>, events: AsyncGenerator<ServerEvent>) {
    super()
    this.#first = first
    this.#events = events
    this.#awaitSilence()
  }

  override _read(): void {
    if (!this.#isReading) void this.#readOn()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearTimeout(this.#silence)
    this.#events.return(undefined).then(() => done(error), () => done(error))
  }

  /** Reads until the caller's side is full. */
  async #readOn(): Promise<void> {
    this.#isReading = true
    try {
      while (await this.#readOne());
    } catch (error) {
      this.destroy(error as Error)
    } finally {
      this.#isReading = false
    }
  }

  /** True when there is room for more. */
  async #readOne(): Promise<boolean> {
    const { done, value } = this.#first ?? await this.#events.next()
    this.#first = undefined
    if (this.destroyed) return false
    if (done) return this.push(null)
    this.#awaitSilence()
    return this.push(`event: ${value.event}\ndata: ${JSON.stringify(value.data)}\n\n`)
  }

  /** A caller who does not read what is there needs no heartbeat. */
  #sayAlive(): void {
    if (this.readableLength < this.readableHighWaterMark) this.push(heartbeat)
    this.#awaitSilence()
  }

  #awaitSilence(): void {
    clearTimeout(this.#silence)
    this.#silence = setTimeout(() => this.#sayAlive(), heartbeatMs)
  }
}
