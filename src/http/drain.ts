// Closes a server's connections as its last requests end, without waiting for those that carry none.
import type { Server } from 'node:http'

export type Drain = {
  /** From now on: idle connections close at once, all of them when no request runs. Returns a function that stops it. */
  start(): () => void
  /** Cuts what still runs. */
  cut(): void
}

const sweepMs = 50

/**
 * Watches the requests of `server`. server.close() alone is not enough: a kept-alive connection that becomes idle later,
 * or one that never carried a request, would hold it up until its own timeout.
 */
export function watchRequests(server: Server): Drain {
  let running = 0
  server.on('request', (_request, response) => {
    running++
    response.once('close', () => running--)
  })
  const sweep = () => {
    if (running === 0) server.closeAllConnections()
    else server.closeIdleConnections()
  }
  return {
    start: () => {
      const timer = setInterval(sweep, sweepMs)
      return () => clearInterval(timer)
    },
    cut: () => server.closeAllConnections()
  }
}
