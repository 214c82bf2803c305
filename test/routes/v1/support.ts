// How tests speak OpenAI's wire format with the app.
import assert from 'node:assert/strict'
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import type { OpenAiError } from '../../../src/http/openai-error.ts'
import type { InferenceEvent, InferenceRequest } from '../../../src/inference/request.ts'
import { answer, fakeBackend } from '../../support/backends.ts'
import type { FakeBackendOptions } from '../../support/backends.ts'

export const messages = [{ role: 'user', content: 'Hi' }]

/** Whatever a request may need. */
export const able = { contextLength: 2048, tools: true, jsonSchema: true, prefill: false, vision: true, logprobs: true, rawPrompt: true }

export const tools = [{ type: 'function', function: { name: 'get_weather', description: 'Weather of a city', parameters: { type: 'object', properties: { city: { type: 'string' } } } } }]

/** A backend that can do everything and keeps what it was asked. */
export function recorder(options: FakeBackendOptions = {}) {
  const seen: InferenceRequest[] = []
  const generate = options.generate ?? (() => answer('{}'))
  return { seen, backend: fakeBackend({ capabilities: able, ...options, generate: (request, signal) => { seen.push(request); return generate(request, signal) } }) }
}

/** Gives the events as they are, then usage and finish. */
export function saying(events: readonly InferenceEvent[], reason: 'stop' | 'length' | 'tool_calls' = 'stop') {
  return async function* (): AsyncGenerator<InferenceEvent, void> {
    yield* events
    yield { type: 'usage', usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } }
    yield { type: 'finish', reason }
  }
}

/** POST /v1/chat/completions with the model `default` and one question, unless the body says otherwise. */
export function chat(app: FastifyInstance, body: object = {}, headers: Record<string, string> = {}): Promise<LightMyRequestResponse> {
  return app.inject({ method: 'POST', url: '/v1/chat/completions', payload: { model: 'default', messages, ...body }, headers })
}

export function send(app: FastifyInstance, url: string, payload: object): Promise<LightMyRequestResponse> {
  return app.inject({ method: 'POST', url, payload })
}

export type Chunk = {
  id: string
  object: string
  created: number
  model: string
  choices: { index: number, delta: Record<string, unknown>, text?: string, logprobs: unknown, finish_reason: string | null }[]
  usage?: object | null
}

/** The data of a complete stream and whether [DONE] ended it; fails on anything that is neither data nor a comment. */
export function dataOf(body: string): { data: unknown[], isDone: boolean } {
  assert.ok(body.endsWith('\n\n'), 'the stream ends between two events')
  const lines = body.slice(0, -2).split('\n\n').filter((block) => !block.startsWith(':')).map((block) => {
    return /^data: ([^\r\n]*)$/.exec(block)?.[1] ?? assert.fail(`no data: ${block}`)
  })
  const isDone = lines.at(-1) === '[DONE]'
  return { data: (isDone ? lines.slice(0, -1) : lines).map((line) => JSON.parse(line) as unknown), isDone }
}

/** The chunks of a stream that ended well. */
export function chunksOf(response: LightMyRequestResponse): Chunk[] {
  assert.equal(response.statusCode, 200, response.body)
  assert.match(String(response.headers['content-type']), /^text\/event-stream/)
  const { data, isDone } = dataOf(response.body)
  assert.ok(isDone, 'the stream ends with [DONE]')
  return data as Chunk[]
}

/** The error in OpenAI's envelope, after checking what every one owes its caller. */
export function envelopeOf(response: LightMyRequestResponse, status: number, code: string | null): OpenAiError['error'] {
  assert.equal(response.statusCode, status, response.body)
  assert.match(String(response.headers['content-type']), /^application\/json/)
  const { error } = response.json<OpenAiError>()
  assert.deepEqual(Object.keys(error), ['message', 'type', 'param', 'code', 'switch_code', 'request_id'])
  assert.equal(error.code, code)
  assert.match(error.message, /^\S.{10,}[.)]$/s, 'the message is a sentence')
  assert.equal(error.request_id, response.headers['x-request-id'])
  return error
}
