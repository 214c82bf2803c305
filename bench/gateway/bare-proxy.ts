// The least a proxy can do, the reference: the body to the upstream, the bytes back. A process of its own.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Pool } from 'undici'

const upstream = new URL(process.argv[2]!)
const pool = new Pool(upstream.origin)

const server = createServer(async (request, response) => {
  const headers = { 'content-type': 'application/json', 'content-length': request.headers['content-length'] }
  const reply = await pool.request({ method: 'POST', path: `${upstream.pathname}/chat/completions`, headers, body: request })
  response.writeHead(reply.statusCode, { 'content-type': String(reply.headers['content-type']) })
  reply.body.pipe(response)
})
server.keepAliveTimeout = 60_000
process.once('disconnect', () => process.exit())
server.listen(0, '127.0.0.1', () => process.send!({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }))
