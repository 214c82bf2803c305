import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { InferenceEvent, InferenceRequest } from '../../src/inference/request.ts'
import { build } from '../support/service.ts'
import { answer, fakeBackend } from '../support/backends.ts'

const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false }
const body = { prompt: 'Where?', response_format: { type: 'json_schema', json_schema: { name: 'place', schema } } }
const good = '{"city": "Paris"}'

/** A backend that gives these answers in turn, and remembers what it was asked. */
function backendSaying(name: string, ...texts: string[]) {
  const requests: InferenceRequest[] = []
  const backend = fakeBackend({
    name, capabilities: { contextLength: 2048, tools: true, jsonSchema: true, prefill: true, vision: false, logprobs: false, rawPrompt: false },
    generate: (request: InferenceRequest): AsyncIterable<InferenceEvent> => {
      requests.push(request)
      return answer(texts[Math.min(requests.length, texts.length) - 1]!)
    }
  })
  return { backend, requests }
}

const infer = async (t: Parameters<typeof build>[0], backends: ReturnType<typeof backendSaying>[], fields: object = {}) => {
  const app = await build(t, { backends: backends.map(({ backend }) => backend), env: { SWITCH_ROUTE: 'openai,hermes' } })
  return app.inject({ method: 'POST', url: '/switch/infer', payload: { ...body, ...fields } })
}

test('an answer that does not fit the schema is asked for once more, from the beginning', async (t) => {
  const backend = backendSaying('hermes', '{"city": 5}', good)
  const response = await infer(t, [backend])
  const { response: text, attempts } = response.json()
  assert.deepEqual([response.statusCode, text], [200, good])
  assert.deepEqual(attempts.map(({ outcome, reason }: { outcome: string, reason: string | null }) => [outcome, reason]).at(-1), ['success', null])
  assert.deepEqual(backend.requests.map(({ prefill }) => prefill), [undefined, undefined])
})

test('after two wrong answers the next backend is asked', async (t) => {
  const first = backendSaying('openai', 'Paris')
  const response = await infer(t, [first, backendSaying('hermes', good)])
  assert.deepEqual([response.json().response, response.json().attempts.at(-1).backend, first.requests.length], [good, 'hermes', 2])
})

test('when nobody keeps to it, the error says what was wrong', async (t) => {
  const response = await infer(t, [backendSaying('hermes', '{"city": 5}')])
  assert.equal(response.statusCode, 503)
  assert.match(response.json().error, /city/)
})

test('a wrong answer that was streamed already ends with an error, never as success', async (t) => {
  const response = await infer(t, [backendSaying('hermes', '{"city": 5}', good)], { stream: true })
  assert.match(response.body, /event: error/)
  assert.doesNotMatch(response.body, /event: done/)
})

test('json_object takes any object, and nothing else', async (t) => {
  const format = { response_format: { type: 'json_object' } }
  assert.equal((await infer(t, [backendSaying('hermes', '{"a": [1]}')], format)).statusCode, 200)
  assert.equal((await infer(t, [backendSaying('hermes', 'no')], format)).statusCode, 503)
})

test('a schema that cannot be kept to is a 400 that names the keyword and its place', async (t) => {
  const backend = backendSaying('hermes', good)
  const response = await infer(t, [backend], { response_format: { type: 'json_schema', json_schema: { name: 'place', schema: { type: 'object', properties: { a: { $dynamicRef: '#x' } } } } } })
  assert.equal(response.statusCode, 400)
  assert.match(response.json().error, /\$dynamicRef/)
  assert.match(response.json().details[0].path, /^response_format\.json_schema\.schema/)
  assert.equal(backend.requests.length, 0)
})

test('a backend that cannot do what the request needs is skipped, and the receipt says why', async (t) => {
  const plain = fakeBackend({ name: 'openai', generate: () => answer('never asked') })
  const app = await build(t, { backends: [plain, backendSaying('hermes', good).backend], env: { SWITCH_ROUTE: 'openai,hermes' } })
  const { response, degraded, attempts } = (await app.inject({ method: 'POST', url: '/switch/infer', payload: body })).json()
  assert.deepEqual([response, degraded], [good, true])
  assert.deepEqual(attempts.map(({ backend, outcome, reason }: Record<string, unknown>) => [backend, outcome, reason]), [['openai', 'skipped', 'unsupported'], ['hermes', 'success', null]])
})

test('when the one that could has failed, its failure is told, not that others could not', async (t) => {
  const app = await build(t, { backends: [backendSaying('openai', 'no').backend, fakeBackend()], env: { SWITCH_ROUTE: 'openai,hermes' } })
  const response = await app.inject({ method: 'POST', url: '/switch/infer', payload: body })
  assert.equal(response.statusCode, 503)
  assert.match(response.json().error, /openai did not answer with the JSON/)
})
