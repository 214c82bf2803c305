// Servers and replies that are not those of a healthy Switch.
import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

/** A server that does as `listener` says; closed after the test, whatever still runs. */
export async function serving(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  await new Promise((resolve) => server.once('listening', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Stands for fetch: a stream that comes in these pieces. */
export function streaming(pieces: Iterable<Uint8Array>): typeof fetch {
  return async () => new Response(ReadableStream.from(pieces), { headers: { 'Content-Type': 'text/event-stream; charset=utf-8' } })
}

/** Stands for fetch: one reply. */
export function replying(status: number, body: unknown, headers: Record<string, string> = {}): typeof fetch {
  return async () => new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json', ...headers } })
}
