// Writes Server-Sent Events: named events with JSON data, and a comment when nothing was said for a while.
import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'

export type ServerEvent = { event: string, data: unknown }

const heartbeatMs = 10_000
const heartbeat = ': still here\n\n'

/** Sends `events` as they come, in order, at the caller's pace. Leaving early ends the source too. */
export function sendEvents(reply: FastifyReply, events: AsyncGenerator<ServerEvent>): FastifyReply {
  return reply
    .header('Content-Type', 'text/event-stream; charset=utf-8')
    .header('Cache-Control', 'no-cache, no-transform')
    .header('X-Accel-Buffering', 'no')
    .send(Readable.from(withHeartbeat(events), { objectMode: false }))
}

async function* withHeartbeat(events: AsyncGenerator<ServerEvent>): AsyncGenerator<string> {
  try {
    while (true) {
      const next = events.next()
      while (await isSilent(next)) yield heartbeat
      const { done, value } = await next
      if (done) return
      yield `event: ${value.event}\ndata: ${JSON.stringify(value.data)}\n\n`
    }
  } finally {
    await events.return(undefined)
  }
}

/** True when `next` has not settled within the heartbeat's time. */
async function isSilent(next: Promise<unknown>): Promise<boolean> {
  const { promise: timedOut, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(resolve, heartbeatMs, true)
  const settled = next.then(() => false, () => false)
  const silent = await Promise.race([settled, timedOut])
  clearTimeout(timer)
  return silent
}
