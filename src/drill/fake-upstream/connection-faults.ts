// Faults of the connection and of HTTP itself.
import type { FaultEntry } from './fault.ts'
import { completion } from './chunks.ts'
import type { Reply } from './reply.ts'

const page = '<!doctype html><html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>'

/** Nothing more comes; the caller has to give up. */
export async function holdOpen(reply: Reply): Promise<void> {
  while (!reply.isGone) await reply.pause(60_000)
}

async function endlessHeaders(reply: Reply): Promise<void> {
  reply.socket.write('HTTP/1.1 200 OK\r\n')
  for (let line = 0; !reply.isGone; line++) {
    reply.socket.write(`X-Filler-${line}: ${'x'.repeat(1000)}\r\n`)
    await reply.pause(1)
  }
}

/** Promises more bytes than it sends, then closes. */
function wrongContentLength(reply: Reply): void {
  const body = JSON.stringify(completion(reply.model, reply.words))
  reply.socket.end(`HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length + 1000}\r\n\r\n${body}`)
}

export const connectionFaults = {
  'refused': { description: 'refuses connections: its port is closed', everywhere: true, reply: (reply) => { reply.socket.destroy() } },
  'reset': { description: 'resets the connection before any header', everywhere: true, reply: (reply) => { reply.socket.resetAndDestroy() } },
  'silence': { description: 'takes the request and never answers', everywhere: true, reply: holdOpen },
  'html': { description: 'answers 200 with an HTML page', reply: (reply) => reply.send(200, 'text/html; charset=utf-8', page) },
  'redirect': { description: 'redirects to another server', reply: (reply) => reply.send(307, 'text/plain', 'elsewhere', { location: 'http://127.0.0.1:9/v1/chat/completions' }) },
  'broken-gzip': { description: 'sends a body that says gzip and is none', reply: (reply) => reply.send(200, 'text/event-stream', Buffer.from('1f8b0800000000000000deadbeef', 'hex'), { 'content-encoding': 'gzip' }) },
  'wrong-content-length': { description: 'sends fewer bytes than its Content-Length says', reply: wrongContentLength },
  'endless-headers': { description: 'sends headers without end', reply: endlessHeaders }
} satisfies Record<string, FaultEntry>
