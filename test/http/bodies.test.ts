// What POST /switch/infer accepts as a body, and how it refuses the rest.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { LightMyRequestResponse } from 'fastify'
import type { ErrorDetail } from '../../src/inference/errors.ts'
import { textOf } from '../../src/inference/message-text.ts'
import type { InferenceRequest } from '../../src/inference/request.ts'
import { answer, fakeBackend } from '../support/backends.ts'
import { errorOf, infer } from '../support/http.ts'
import { build } from '../support/service.ts'

const json = { 'content-type': 'application/json' }

async function send(t: TestContext, payload: string | Buffer | undefined, headers: Record<string, string> = json): Promise<LightMyRequestResponse> {
  const app = await build(t)
  return app.inject({ method: 'POST', url: '/switch/infer', headers, ...(payload !== undefined && { payload }) })
}

/** Asserts a 400 whose details are exactly `details` and whose sentence says each of them. */
function assertInvalid(response: LightMyRequestResponse, details: ErrorDetail[]): void {
  const body = errorOf(response, 400, 'SWITCH_REQUEST_INVALID')
  assert.deepEqual(body.details, details)
  for (const { path, reason } of details) assert.ok(body.error.includes(path === 'body' ? reason : `${path}: ${reason}`), body.error)
}

test('an empty body is refused with an example of a good one', async (t) => {
  const response = await send(t, '')
  const { error, details } = errorOf(response, 400, 'SWITCH_REQUEST_INVALID')
  assert.match(error, /The body is empty.*\{"prompt": "Hello"\}/)
  assert.equal(details?.[0]?.path, 'body')
})

test('a request without body and content type is told to send a JSON object', async (t) => {
  const response = await send(t, undefined, {})
  assert.match(errorOf(response, 400, 'SWITCH_REQUEST_INVALID').error, /JSON object/)
})

test('a body of 2 MB is refused as too large', async (t) => {
  const response = await send(t, JSON.stringify({ prompt: 'x'.repeat(2_000_000) }))
  assert.match(errorOf(response, 413, 'SWITCH_BODY_TOO_LARGE').error, /1 MiB/)
})

test('a body just under 1 MiB is read', async (t) => {
  const frame = JSON.stringify({ prompt: '' })
  const response = await send(t, JSON.stringify({ prompt: 'x'.repeat(1024 * 1024 - frame.length) }))
  assert.equal(response.statusCode, 200)
})

for (const [what, payload] of [['an array', '[{"prompt": "Hi"}]'], ['a text', '"Hi"'], ['a number', '42'], ['null', 'null']] as const) {
  test(`a body that is ${what} is refused as no JSON object`, async (t) => {
    assertInvalid(await send(t, payload), [{ path: 'body', reason: 'The body must be a JSON object, for example {"prompt": "Hello"}' }])
  })
}

for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/json5', 'garbage']) {
  test(`a body sent as ${type} is refused with 415`, async (t) => {
    const response = await send(t, '{"prompt": "Hi"}', { 'content-type': type })
    assert.match(errorOf(response, 415, 'SWITCH_BODY_NOT_JSON').error, /Content-Type: application\/json/)
  })
}

test('a body without content type is refused with 415', async (t) => {
  errorOf(await send(t, '{"prompt": "Hi"}', {}), 415, 'SWITCH_BODY_NOT_JSON')
})

test('application/json is accepted in any letter case and with a charset', async (t) => {
  const app = await build(t)
  for (const type of ['APPLICATION/JSON', 'application/json; charset=utf-8', 'application/json;charset=UTF-8']) {
    const response = await app.inject({ method: 'POST', url: '/switch/infer', headers: { 'content-type': type }, payload: '{"prompt": "Hi"}' })
    assert.equal(response.statusCode, 200, type)
  }
})

test('bytes that are not UTF-8 are refused, not replaced', async (t) => {
  const response = await send(t, Buffer.concat([Buffer.from('{"prompt": "caf'), Buffer.from([0xe9]), Buffer.from('"}')]))
  assert.match(errorOf(response, 400, 'SWITCH_REQUEST_INVALID').error, /not UTF-8/)
})

test('text beyond ASCII reaches the backend and comes back unchanged', async (t) => {
  const echo = fakeBackend({ generate: ({ messages }) => answer(textOf(messages[0]!)) })
  const app = await build(t, { backends: [echo] })
  const prompt = 'Grüße, 世界 👋'
  const body = (await infer(app, { prompt })).json()
  assert.equal(body.prompt, prompt)
  assert.equal(body.response, prompt)
})

test('unknown fields are refused by name, all of them', async (t) => {
  assertInvalid(await send(t, '{"prompt": "Hi", "max_token": 5, "constructor": 1}'), [
    { path: 'max_token', reason: 'unknown field' },
    { path: 'constructor', reason: 'unknown field' }
  ])
})

test('an unknown field in a message is refused by its path', async (t) => {
  assertInvalid(await send(t, '{"messages": [{"role": "user", "content": "Hi", "name": "Ada"}]}'), [{ path: 'messages.0.name', reason: 'unknown field' }])
})

test('only one of prompt, message and messages may be given', async (t) => {
  const app = await build(t)
  const messages = [{ role: 'user', content: 'Hi' }]
  const reason = (first: string) => `cannot stand beside ${first}; give only one of prompt, message, messages`
  assertInvalid(await infer(app, { prompt: 'Hi', messages }), [{ path: 'messages', reason: reason('prompt') }])
  assertInvalid(await infer(app, { message: 'Hi', messages }), [{ path: 'messages', reason: reason('message') }])
  assertInvalid(await infer(app, { prompt: 'Hi', message: 'Hi', messages }), [{ path: 'message', reason: reason('prompt') }, { path: 'messages', reason: reason('prompt') }])
})

test('a body without prompt, message and messages is told what is missing', async (t) => {
  assertInvalid(await send(t, '{"max_tokens": 5}'), [{ path: 'prompt', reason: 'is missing; give prompt, message or messages' }])
})

test('an empty prompt, message or system is refused', async (t) => {
  const app = await build(t)
  assertInvalid(await infer(app, { prompt: '' }), [{ path: 'prompt', reason: 'must not be empty' }])
  assertInvalid(await infer(app, { message: '' }), [{ path: 'message', reason: 'must not be empty' }])
  assertInvalid(await infer(app, { prompt: 'Hi', system: '' }), [{ path: 'system', reason: 'must not be empty' }])
})

test('a prompt that is no text is refused', async (t) => {
  const app = await build(t)
  for (const prompt of [5, null, true, ['Hi'], { text: 'Hi' }]) {
    const { details } = errorOf(await infer(app, { prompt }), 400, 'SWITCH_REQUEST_INVALID')
    assert.equal(details?.[0]?.path, 'prompt', JSON.stringify(prompt))
  }
})

test('an empty list of messages is refused', async (t) => {
  assertInvalid(await send(t, '{"messages": []}'), [{ path: 'messages', reason: 'must have at least one message' }])
})

test('the last message must be the user\'s or the result of a call', async (t) => {
  const app = await build(t)
  const turn = (role: string) => ({ role, content: 'Hi' })
  assertInvalid(await infer(app, { messages: [turn('user'), turn('assistant')] }), [{ path: 'messages.1.role', reason: 'must not be assistant in the last message' }])
  assertInvalid(await infer(app, { messages: [turn('system')] }), [{ path: 'messages.0.role', reason: 'must be user or tool in the last message' }])
})

test('an unknown role is refused with the roles there are', async (t) => {
  assertInvalid(await send(t, '{"messages": [{"role": "wizard", "content": "Hi"}, {"role": "user", "content": "Hi"}]}'), [{ path: 'messages.0.role', reason: 'must be one of system, developer, user, assistant, tool' }])
})

const positive = 'must be a whole number from 1 to 10000000'
const wrongValues: [field: string, reason: string, values: unknown[]][] = [
  ['max_tokens', positive, [-1, 0, 10_000_001, 1.5, '7', null, true]],
  ['context_length', positive, [-1, 0, 10_000_001, 1.5, '7', null, true]],
  ['temperature', 'must be a number from 0 to 2', [-0.1, 2.1, 1e300, '0.7', null, true]],
  ['top_p', 'must be above 0', [-1, 0]],
  ['top_p', 'must be at most 1', [1.1, 1e300]],
  ['top_p', 'must be a number above 0, at most 1', ['0.9', null, true]],
  ['timeout_seconds', 'must be a number from 0.1 to 3600', [-1, 0, 0.05, 3601, 1e300, '30', null]],
  ['seed', 'must be a whole number from -9007199254740991 to 9007199254740991', [1.5, '1', null, true]],
  ['priority', 'must be a whole number from 0 to 9 or one of shub, operator, tentaculo_link, madre, hijas', [1.5, '7', 'Shub', null, true]],
  ['stop', 'must be a text, or up to 16 texts, of 1 to 256 characters each', [5, null, true, {}]],
  ['stream', 'must be true or false', ['true', 1, null]]
]

for (const [field, reason, values] of wrongValues) {
  test(`a wrong ${field} is refused: ${reason}`, async (t) => {
    const app = await build(t)
    for (const value of values) assertInvalid(await infer(app, { prompt: 'Hi', [field]: value }), [{ path: field, reason }])
  })
}

test('numbers beyond what JSON numbers can hold are refused', async (t) => {
  const app = await build(t)
  for (const field of ['max_tokens', 'context_length', 'temperature', 'top_p', 'timeout_seconds', 'seed', 'priority', 'stop']) {
    for (const value of ['1e300', '1e999', '-1e999']) {
      const response = await app.inject({ method: 'POST', url: '/switch/infer', headers: json, payload: `{"prompt": "Hi", "${field}": ${value}}` })
      assert.equal(errorOf(response, 400, 'SWITCH_REQUEST_INVALID').details?.[0]?.path, field)
    }
  }
})

test('an integer priority outside 0 to 9 is refused', async (t) => {
  const app = await build(t)
  for (const priority of [-1, 10]) assert.equal(errorOf(await infer(app, { prompt: 'Hi', priority }), 400, 'SWITCH_REQUEST_INVALID').details?.[0]?.path, 'priority')
})

test('stop texts that are empty, too long or too many are refused', async (t) => {
  const app = await build(t)
  for (const stop of ['', [''], 'x'.repeat(257), Array.from({ length: 17 }, String), ['ok', 5]]) {
    assert.match(errorOf(await infer(app, { prompt: 'Hi', stop }), 400, 'SWITCH_REQUEST_INVALID').details![0]!.path, /^stop/)
  }
})

test('the ends of every range reach the backend as they are', async (t) => {
  const seen: InferenceRequest[] = []
  const app = await build(t, { backends: [fakeBackend({ generate: (request) => { seen.push(request); return answer('ok') } })] })
  const least = { prompt: 'Hi', max_tokens: 1, context_length: 1, temperature: 0, top_p: 0.01, seed: -1, stop: ['a', 'b'], priority: 0 }
  const most = { prompt: 'Hi', max_tokens: 10_000_000, context_length: 10_000_000, temperature: 2, top_p: 1, seed: Number.MAX_SAFE_INTEGER, stop: 'a', timeout_seconds: 3600, priority: 'hijas' }
  for (const body of [least, most]) assert.equal((await infer(app, body)).statusCode, 200)
  const messages = [{ role: 'user', content: 'Hi' }]
  assert.deepEqual(seen, [
    { messages, maxTokens: 1, contextLength: 1, temperature: 0, topP: 0.01, seed: -1, stop: ['a', 'b'], thinking: false },
    { messages, maxTokens: 10_000_000, contextLength: 10_000_000, temperature: 2, topP: 1, seed: Number.MAX_SAFE_INTEGER, stop: ['a'], thinking: false }
  ])
})

test('several wrong fields are told at once', async (t) => {
  assertInvalid(await send(t, '{"prompt": "Hi", "temperature": 3, "stream": "yes"}'), [
    { path: 'temperature', reason: 'must be a number from 0 to 2' },
    { path: 'stream', reason: 'must be true or false' }
  ])
})

test('NUL bytes in the prompt are text like any other', async (t) => {
  const response = await send(t, '{"prompt": "a\\u0000b"}')
  assert.equal(response.statusCode, 200)
  assert.equal(response.json().prompt, 'a\0b')
})

test('half of a surrogate pair is refused and named', async (t) => {
  const reason = 'must be valid Unicode, but has half of a surrogate pair'
  assertInvalid(await send(t, '{"prompt": "a\\ud800b"}'), [{ path: 'prompt', reason }])
  assertInvalid(await send(t, '{"prompt": "Hi", "system": "\\udc00"}'), [{ path: 'system', reason }])
  assertInvalid(await send(t, '{"messages": [{"role": "user", "content": "\\udc00\\ud800"}]}'), [{ path: 'messages.0.content', reason }])
})

for (const [field, value] of [['tools', [{ type: 'function', function: { name: 'now' } }]], ['response_format', { type: 'json_schema', json_schema: { name: 'thing' } }]] as const) {
  test(`${field} is refused where no backend of the route can do it`, async (t) => {
    const app = await build(t)
    const { error, details } = errorOf(await infer(app, { prompt: 'Hi', [field]: value }), 400, 'SWITCH_REQUEST_UNSUPPORTED')
    assert.match(error, new RegExp(`^${field} is not supported by hermes`))
    assert.deepEqual(details, [{ path: field, reason: 'not supported by hermes' }])
  })
}

test('a request that needs no special ability passes with empty tools and format text', async (t) => {
  const app = await build(t)
  assert.equal((await infer(app, { prompt: 'Hi', tools: [], response_format: { type: 'text' } })).statusCode, 200)
})

test('a backend that can do what the request needs is chosen over the first of the route', async (t) => {
  const able = { contextLength: 2048, tools: true, jsonSchema: true, prefill: false, vision: false, logprobs: false, rawPrompt: false }
  const app = await build(t, { backends: [fakeBackend({ name: 'openai', source: 'openai' }), fakeBackend({ capabilities: able, generate: () => answer('{}') })] })
  const response = await infer(app, { prompt: 'Hi', response_format: { type: 'json_schema', json_schema: { name: 'thing', schema: { type: 'object' } } } })
  assert.equal(response.json().source, 'local_hermes')
})

test('an unknown model is refused with everything that may be named', async (t) => {
  const app = await build(t)
  for (const model of ['gpt-4', 'fake-model', 'HERMES', 'hermes/other', 'openai', 'constructor', '__proto__']) {
    const { error, details } = errorOf(await infer(app, { prompt: 'Hi', model }), 400, 'SWITCH_ROUTE_UNKNOWN')
    assert.ok(error.includes(JSON.stringify(model)), error)
    assert.deepEqual(details, [{ path: 'model', reason: 'must be one of default, fast, reasoning, local, hermes, hermes/fake-model' }])
  }
})

for (const model of ['hermes', 'local', 'hermes/fake-model', 'default', 'fast', 'reasoning']) {
  test(`model ${model} selects the local backend`, async (t) => {
    const app = await build(t)
    const response = await infer(app, { prompt: 'Hi', model })
    assert.equal(response.statusCode, 200)
    assert.equal(response.json().model, 'fake-model')
  })
}

test('model picks one backend out of several', async (t) => {
  const named = (name: string) => fakeBackend({ name, source: name, generate: () => answer(name) })
  const app = await build(t, { backends: [named('openai'), named('hermes')] })
  for (const model of ['openai', 'hermes', 'openai/fake-model']) assert.equal((await infer(app, { prompt: 'Hi', model })).json().response, model.split('/')[0])
})

for (const payload of ['{"prompt":', '{prompt: "Hi"}', '{"prompt": "Hi"} x', 'Hi']) {
  test(`malformed JSON is refused as such: ${payload}`, async (t) => {
    assert.match(errorOf(await send(t, payload), 400, 'SWITCH_REQUEST_INVALID').error, /not valid JSON/)
  })
}

for (const payload of ['{"prompt": "Hi", "__proto__": {"stream": true}}', '{"prompt": "Hi", "constructor": {"prototype": {}}}']) {
  test(`a body that reaches for a prototype is refused: ${payload}`, async (t) => {
    errorOf(await send(t, payload), 400, 'SWITCH_REQUEST_INVALID')
  })
}

test('a number beyond the range is told once', async (t) => {
  const app = await build(t)
  for (const field of ['max_tokens', 'context_length', 'seed', 'priority']) {
    assert.equal(errorOf(await infer(app, { prompt: 'Hi', [field]: 1e300 }), 400, 'SWITCH_REQUEST_INVALID').details?.length, 1, field)
  }
})

test('a text field of another type is told once', async (t) => {
  const app = await build(t)
  for (const field of ['prompt', 'system', 'model', 'session_id']) {
    assert.equal(errorOf(await infer(app, { prompt: 'Hi', [field]: [] }), 400, 'SWITCH_REQUEST_INVALID').details?.length, 1, field)
  }
})

test('wrong priority and stop are told in the words of their field', async (t) => {
  const app = await build(t)
  const priority = 'must be a whole number from 0 to 9 or one of shub, operator, tentaculo_link, madre, hijas'
  const stop = 'must be a text, or up to 16 texts, of 1 to 256 characters each'
  const rows: [object, string][] = [[{ priority: -1 }, priority], [{ priority: 10 }, priority], [{ stop: '' }, stop], [{ stop: [''] }, stop], [{ stop: 'x'.repeat(257) }, stop]]
  for (const [body, reason] of rows) {
    assert.equal(errorOf(await infer(app, { prompt: 'Hi', ...body }), 400, 'SWITCH_REQUEST_INVALID').details?.[0]?.reason, reason, JSON.stringify(body).slice(0, 40))
  }
})

test('an empty message is refused like an empty prompt', async (t) => {
  const app = await build(t)
  errorOf(await infer(app, { messages: [{ role: 'user', content: '' }] }), 400, 'SWITCH_REQUEST_INVALID')
})

test('half of a surrogate pair is refused in stop and session_id', async (t) => {
  for (const field of ['stop', 'session_id']) errorOf(await send(t, `{"prompt": "Hi", "${field}": "\\ud800"}`), 400, 'SWITCH_REQUEST_INVALID')
})
