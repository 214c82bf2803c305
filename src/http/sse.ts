// Writes Server-Sent Events: with JSON data, and a comment when nothing was said for a while.
import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'

/** `event`: its name; absent for streams in OpenAI's form, which have none. */
export type ServerEvent = { event?: string, data: unknown }

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
    const name = event === undefined ? '' : `event: ${event}\n`
    return this.push(`${name}data: ${JSON.stringify(data)}\n\n`) ? undefined : this.#room.promise
  }

  /** Adds the last events, and behind them `mark`, where the stream's form wants a line that is no JSON. */
  end(last: readonly ServerEvent[], mark?: string): void {
    for (const event of last) void this.write(event)
    clearTimeout(this.#silence)
    if (this.destroyed) return
    if (mark !== undefined) this.push(`data: ${mark}\n\n`)
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
