// How tests speak with the app beyond inject: a real port, a bare socket, and what comes back over both.
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import type { ErrorBody } from '../../src/http/error-rendering.ts'
import type { ServerEvent } from '../../src/http/sse.ts'
import type { ErrorCode } from '../../src/inference/errors.ts'

/** Listens on a free port; the app's own test closes it. */
export async function listening(app: FastifyInstance): Promise<string> {
  return app.listen({ host: '127.0.0.1', port: 0 })
}

/** POST /switch/infer through inject. */
export function infer(app: FastifyInstance, payload: object, headers: Record<string, string> = {}): Promise<LightMyRequestResponse> {
  return app.inject({ method: 'POST', url: '/switch/infer', payload, headers })
}

/** The body of an error, after checking what every error owes its caller. */
export function errorOf(response: LightMyRequestResponse, status: number, code: ErrorCode): ErrorBody {
  assert.equal(response.statusCode, status, response.body)
  assert.match(String(response.headers['content-type']), /^application\/json/)
  const body = response.json<ErrorBody>()
  assert.equal(body.code, code)
  assert.equal(body.request_id, response.headers['x-request-id'])
  assert.match(body.error, /^\S.{10,}[.)]$/, 'error is a sentence')
  return body
}

/** The events of a complete SSE body; fails on anything that is neither an event nor a comment. */
export function eventsOf(body: string): ServerEvent[] {
  assert.ok(body.endsWith('\n\n'), 'the stream ends between two events')
  return body.slice(0, -2).split('\n\n').filter((block) => !block.startsWith(':')).map((block) => {
    const [, event, data] = /^event: (\w+)\ndata: ([^\r\n]*)$/.exec(block) ?? assert.fail(`no event: ${block}`)
    return { event: event!, data: JSON.parse(data!) as unknown }
  })
}

/** Writes `bytes` on a fresh connection and returns all that comes until the server closes it; fails when it does not. */
export async function exchange(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.setTimeout(10_000, () => socket.destroy(new Error('the server neither spoke nor closed')))
  socket.write(bytes)
  return text(socket)
}
