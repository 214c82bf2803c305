// Errors on /v1: OpenAI's envelope, whatever went wrong and wherever.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BackendError } from '../../../src/inference/failure.ts'
import type { BackendErrorOptions, FailureReason } from '../../../src/inference/failure.ts'
import { answer, fakeBackend } from '../../support/backends.ts'
import { build, until } from '../../support/service.ts'
import { able, chat, envelopeOf, messages, send, tools } from './support.ts'

const json = { 'content-type': 'application/json' }

function failing(reason: FailureReason, options: BackendErrorOptions = {}) {
  return fakeBackend({
    capabilities: able,
    // oxlint-disable-next-line require-yield
    async *generate() { throw new BackendError('hermes', reason, 'hermes cannot answer.', options) }
  })
}

test('a missing or wrong token is a 401 invalid_api_key', async (t) => {
  const app = await build(t, { env: { SWITCH_TOKEN: 'right' } })
  for (const headers of [{}, { authorization: 'Bearer wrong' }]) {
    assert.equal(envelopeOf(await chat(app, {}, headers), 401, 'invalid_api_key').type, 'invalid_request_error')
  }
  assert.equal((await chat(app, {}, { authorization: 'Bearer right' })).statusCode, 200)
  envelopeOf(await app.inject('/v1/models'), 401, 'invalid_api_key')
})

test('an unknown path and a wrong method are told in the envelope', async (t) => {
  const app = await build(t)
  assert.match(envelopeOf(await app.inject('/v1/nothing?token=secret'), 404, 'unknown_url').message, /nothing at GET \/v1\/nothing\./)
  envelopeOf(await app.inject('/v1'), 404, 'unknown_url')
  const response = await app.inject('/v1/chat/completions')
  envelopeOf(response, 405, 'method_not_supported')
  assert.equal(response.headers['allow'], 'POST')
  assert.equal((await app.inject('/v1x')).json().code, 'SWITCH_HTTP_NOT_FOUND', 'other paths keep their form')
})

test('a body that is no JSON, of another type or too large is told in the envelope', async (t) => {
  const app = await build(t)
  const inject = (payload: string, headers: Record<string, string> = json) => app.inject({ method: 'POST', url: '/v1/chat/completions', headers, payload })
  assert.match(envelopeOf(await inject('{"model":'), 400, 'invalid_value').message, /not valid JSON/)
  assert.equal(envelopeOf(await inject('[]'), 400, 'invalid_value').param, null)
  envelopeOf(await inject('{}', { 'content-type': 'text/plain' }), 415, 'unsupported_media_type')
  assert.match(envelopeOf(await inject('x'.repeat(17 * 1024 ** 2)), 413, 'request_too_large').message, /16 MiB/)
  assert.match(envelopeOf(await send(app, '/v1/completions', { prompt: 'x'.repeat(2 * 1024 ** 2) }), 413, 'request_too_large').message, /1 MiB/)
})

test('a path that is no URL is told in the envelope', async (t) => {
  envelopeOf(await (await build(t)).inject('/v1/models/%zz'), 400, 'invalid_value')
})

test('an unknown model is a 404 that lists what there is', async (t) => {
  const app = await build(t)
  const error = envelopeOf(await chat(app, { model: 'gpt-4o' }), 404, 'model_not_found')
  assert.equal(error.param, 'model')
  assert.match(error.message, /"gpt-4o".*default, fast, reasoning, local, hermes, hermes\/fake-model/)
})

for (const [field, body] of [
  ['tools', { tools }],
  ['response_format', { response_format: { type: 'json_schema', json_schema: { name: 'thing' } } }],
  ['logprobs', { logprobs: true }],
  ['messages', { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://x/y.png' } }] }] }]
] as const) {
  test(`${field} that no backend can honour is refused by name`, async (t) => {
    for (const stream of [false, true]) {
      const error = envelopeOf(await chat(await build(t), { ...body, stream }), 400, 'unsupported_parameter')
      assert.equal(error.param, field)
      assert.match(error.message, new RegExp(`^${field} is not supported by hermes`))
    }
  })
}

test('a prompt that is too long is told in the words that tools look for', async (t) => {
  const app = await build(t, { backends: [failing('context_length_exceeded', { facts: { context_length: 2048, prompt_tokens: 3000 } })] })
  const error = envelopeOf(await chat(app), 400, 'context_length_exceeded')
  assert.equal(error.param, 'messages')
  assert.match(error.message, /^This model's maximum context length is 2048 tokens\. However, your messages resulted in 3000 tokens\. /)
  const silent = await build(t, { backends: [failing('context_length_exceeded')] })
  assert.match(envelopeOf(await chat(silent), 400, 'context_length_exceeded').message, /^This model's maximum context length is exceeded: /)
})

test('content that a provider refuses is a 400 content_filter', async (t) => {
  envelopeOf(await chat(await build(t, { backends: [failing('content_filtered')] })), 400, 'content_filter')
})

for (const stream of [false, true]) {
  test(`a failure before the first delta is a 503 that tells clients not to repeat it, ${stream ? 'streamed' : 'whole'}`, async (t) => {
    const response = await chat(await build(t, { backends: [failing('engine_died')] }), { stream })
    const error = envelopeOf(response, 503, 'service_unavailable')
    assert.equal(error.type, 'service_unavailable_error')
    assert.equal(error.switch_code, 'SWITCH_ROUTE_UNAVAILABLE')
    assert.equal(response.headers['x-should-retry'], 'false')
    assert.equal(response.headers['x-switch-attempts'], 'hermes;failed;engine_died')
    assert.match(String(response.headers['x-switch-inference-id']), /^inf_/)
    assert.equal(response.headers['x-switch-backend'], undefined)
  })
}

test('where a time is known clients may repeat', async (t) => {
  const { headers } = await chat(await build(t, { backends: [failing('engine_died', { retryAfterSeconds: 2 })] }))
  assert.equal(headers['retry-after'], '2')
  assert.equal(headers['x-should-retry'], undefined)
})

test('a request at fault says nothing of repeating', async (t) => {
  assert.equal((await chat(await build(t), { n: 2 })).headers['x-should-retry'], undefined)
})

test('a full queue is a 429 with a time', async (t) => {
  const { promise: told, resolve: tell } = Promise.withResolvers<void>()
  let started = 0
  const app = await build(t, { env: { HERMES_MAX_QUEUE: '0' }, backends: [fakeBackend({ async *generate() { started++; await told; yield* answer('Hello') } })] })
  const first = chat(app)
  await until(() => started === 1)
  const response = await chat(app)
  const error = envelopeOf(response, 429, 'rate_limit_exceeded')
  assert.equal(error.type, 'rate_limit_error')
  assert.ok(Number(response.headers['retry-after']) >= 1)
  tell()
  assert.equal((await first).statusCode, 200)
})

test('a defect of ours keeps its cause to the log', async (t) => {
  // oxlint-disable-next-line require-yield
  const app = await build(t, { backends: [fakeBackend({ async *generate() { throw new Error('secret') } })] })
  const response = await app.inject({ method: 'POST', url: '/v1/chat/completions', payload: { messages } })
  assert.equal(response.statusCode, 503)
  assert.ok(!response.body.includes('secret'))
})
