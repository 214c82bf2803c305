// Writes Server-Sent Events: named events with JSON data, and a comment when nothing was said for a while.
import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'

export type ServerEvent = { event: string, data: unknown }

const heartbeatMs = 10_000
const heartbeat = ': still here\n\n'

/** Sends the events of `stream` as they are written. */
export function sendEvents(reply: FastifyReply, stream: EventStream): FastifyReply {
  return reply
    .header('Content-Type', 'text/event-stream; charset=utf-8')
    .header('Cache-Control', 'no-cache, no-transform')
    .header('X-Accel-Buffering', 'no')
    .send(stream)
}

/** Events on their way to a caller, in order. */
export class EventStream extends Readable {
  #room = Promise.withResolvers<void>()
  #silence: NodeJS.Timeout | undefined

  /** Adds an event. Returns a promise when the caller is behind: it resolves when there is room again, or nobody left. */
  write({ event, data }: ServerEvent): Promise<void> | undefined {
    if (this.destroyed) return undefined
    this.#awaitSilence()
    return this.push(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`) ? undefined : this.#room.promise
  }

  /** Adds the last event. */
  end(last: ServerEvent): void {
    void this.write(last)
    clearTimeout(this.#silence)
    this.push(null)
  }

  override _read(): void {
    this.#room.resolve()
    this.#room = Promise.withResolvers()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearTimeout(this.#silence)
    this.#room.resolve()
    done(error)
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
