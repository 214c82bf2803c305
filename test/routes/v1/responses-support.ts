// How the tests of /v1/responses ask, and how they read what comes.
import assert from 'node:assert/strict'
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'

export const weather = { type: 'function' as const, name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } }, strict: null }

/** POST /v1/responses through inject. */
export function create(app: FastifyInstance, payload: object): Promise<LightMyRequestResponse> {
  return app.inject({ method: 'POST', url: '/v1/responses', payload })
}

export type StreamEvent = { readonly type: string, readonly response?: Record<string, unknown>, readonly [field: string]: unknown }

/** The events of a complete stream, each of which is named as its data says. */
export function createdEvents(body: string): StreamEvent[] {
  assert.ok(body.endsWith('\n\n'), 'the stream ends between two events')
  return body.slice(0, -2).split('\n\n').map((block) => {
    const [, name, data] = /^event: ([\w.]+)\ndata: (.*)$/.exec(block) ?? assert.fail(`no event: ${block}`)
    const event = JSON.parse(data!) as StreamEvent
    assert.equal(event.type, name)
    return event
  })
}
