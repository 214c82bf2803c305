// The answers of POST /v1/chat/completions, whole and in chunks.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { BackendError } from '../../../src/inference/failure.ts'
import type { InferenceEvent } from '../../../src/inference/request.ts'
import { answer, fakeBackend } from '../../support/backends.ts'
import type { FakeBackendOptions } from '../../support/backends.ts'
import { build } from '../../support/service.ts'
import { able, chat, chunksOf, dataOf, saying, tools } from './support.ts'

const doing = (generate: NonNullable<FakeBackendOptions['generate']>) => ({ backends: [fakeBackend({ capabilities: able, generate })] })
const weather = (id: string): InferenceEvent => ({ type: 'tool-call', call: { id, name: 'get_weather', arguments: '{"city":"Oslo"}' } })
const wireCall = (id: string) => ({ id, type: 'function', function: { name: 'get_weather', arguments: '{"city":"Oslo"}' } })
const wholeUsage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5, prompt_tokens_details: { cached_tokens: 0 }, completion_tokens_details: { reasoning_tokens: 0 } }

test('a whole answer is a chat.completion, field by field', async (t) => {
  const app = await build(t, doing(() => answer('Par', 'is')))
  const response = await chat(app)
  assert.equal(response.statusCode, 200)
  const { id, created, ...rest } = response.json()
  assert.equal(id, `chatcmpl-${String(response.headers['x-switch-inference-id']).slice('inf_'.length)}`)
  assert.ok(Math.abs(created - Date.now() / 1000) < 60)
  assert.deepEqual(rest, {
    object: 'chat.completion', model: 'fake-model',
    choices: [{ index: 0, message: { role: 'assistant', content: 'Paris', refusal: null }, logprobs: null, finish_reason: 'stop' }],
    usage: wholeUsage
  })
})

test('the finish reason length is passed on', async (t) => {
  const app = await build(t, doing(saying([{ type: 'text', text: 'Par' }], 'length')))
  assert.equal((await chat(app)).json().choices[0].finish_reason, 'length')
  assert.equal(chunksOf(await chat(app, { stream: true })).at(-1)!.choices[0]!.finish_reason, 'length')
})

test('thoughts stand beside the text', async (t) => {
  const app = await build(t, doing(saying([{ type: 'reasoning', text: 'A ' }, { type: 'reasoning', text: 'greeting.' }, { type: 'text', text: 'Hello' }])))
  const { message } = (await chat(app)).json().choices[0]
  assert.deepEqual(message, { role: 'assistant', content: 'Hello', refusal: null, reasoning_content: 'A greeting.' })
  const deltas = chunksOf(await chat(app, { stream: true })).map(({ choices: [choice] }) => choice!.delta)
  assert.deepEqual(deltas, [{ role: 'assistant', content: '' }, { reasoning_content: 'A ' }, { reasoning_content: 'greeting.' }, { content: 'Hello' }, {}])
})

for (const reason of ['tool_calls', 'stop'] as const) {
  test(`calls of a backend that says ${reason} make the finish tool_calls and the content null`, async (t) => {
    const app = await build(t, doing(saying([weather('call_1'), weather('call_2')], reason)))
    const [choice] = (await chat(app, { tools })).json().choices
    assert.equal(choice.finish_reason, 'tool_calls')
    assert.deepEqual(choice.message, { role: 'assistant', content: null, refusal: null, tool_calls: [wireCall('call_1'), wireCall('call_2')] })
  })
}

test('streamed calls say index, id, type and name once and first', async (t) => {
  const app = await build(t, doing(saying([weather('call_1'), weather('call_2')], 'tool_calls')))
  const chunks = chunksOf(await chat(app, { tools, stream: true }))
  assert.deepEqual(chunks.slice(1, -1).map(({ choices: [choice] }) => choice!.delta['tool_calls']), ['call_1', 'call_2'].flatMap((id, index) => [
    [{ index, id, type: 'function', function: { name: 'get_weather', arguments: '' } }],
    [{ index, function: { arguments: '{"city":"Oslo"}' } }]
  ]))
  assert.equal(chunks.at(-1)!.choices[0]!.finish_reason, 'tool_calls')
})

test('text before a call stays', async (t) => {
  const app = await build(t, doing(saying([{ type: 'text', text: 'Let me look.' }, weather('call_1')], 'tool_calls')))
  assert.equal((await chat(app, { tools })).json().choices[0].message.content, 'Let me look.')
})

test('a stream is the role, the texts, the finish and [DONE], with one id, time and model', async (t) => {
  const app = await build(t, doing(() => answer('Par', 'is')))
  const response = await chat(app, { stream: true })
  assert.match(String(response.headers['cache-control']), /no-cache/)
  const chunks = chunksOf(response)
  assert.deepEqual(chunks.map(({ choices }) => choices), [
    [{ index: 0, delta: { role: 'assistant', content: '' }, logprobs: null, finish_reason: null }],
    [{ index: 0, delta: { content: 'Par' }, logprobs: null, finish_reason: null }],
    [{ index: 0, delta: { content: 'is' }, logprobs: null, finish_reason: null }],
    [{ index: 0, delta: {}, logprobs: null, finish_reason: 'stop' }]
  ])
  for (const { id, object, created, model, ...rest } of chunks) {
    assert.deepEqual({ id, object, created, model }, { id: chunks[0]!.id, object: 'chat.completion.chunk', created: chunks[0]!.created, model: 'fake-model' })
    assert.deepEqual(Object.keys(rest), ['choices'])
  }
  assert.match(chunks[0]!.id, /^chatcmpl-[0-9a-f]{32}$/)
})

test('with include_usage a last chunk has the usage and no choices, the others have null', async (t) => {
  const app = await build(t, doing(() => answer('Par', 'is')))
  const chunks = chunksOf(await chat(app, { stream: true, stream_options: { include_usage: true } }))
  assert.deepEqual(chunks.map(({ usage }) => usage), [null, null, null, null, wholeUsage])
  assert.deepEqual(chunks.at(-1)!.choices, [])
})

test('an answer without a word is the role, the finish and [DONE]', async (t) => {
  const app = await build(t, doing(() => answer()))
  assert.deepEqual(chunksOf(await chat(app, { stream: true })).map(({ choices: [choice] }) => choice!.finish_reason), [null, 'stop'])
  assert.equal((await chat(app)).json().choices[0].message.content, '')
})

test('log probabilities come with their text', async (t) => {
  const entry = (token: string) => ({ token, logprob: -0.5, bytes: null, top_logprobs: [] })
  const events: InferenceEvent[] = ['Par', 'is'].map((text) => ({ type: 'text', text, logprobs: [entry(text)] }))
  const app = await build(t, doing(saying(events)))
  assert.deepEqual((await chat(app, { logprobs: true })).json().choices[0].logprobs, { content: [entry('Par'), entry('is')], refusal: null })
  const chunks = chunksOf(await chat(app, { logprobs: true, stream: true }))
  assert.deepEqual(chunks.map(({ choices: [choice] }) => choice!.logprobs), [null, { content: [entry('Par')], refusal: null }, { content: [entry('is')], refusal: null }, null])
})

test('a stream that breaks off ends with one error frame and no [DONE]', async (t) => {
  const app = await build(t, doing(async function* () {
    yield { type: 'text', text: 'Par' }
    throw new BackendError('hermes', 'engine_died', 'The local engine died.')
  }))
  const response = await chat(app, { stream: true })
  assert.equal(response.statusCode, 200)
  const { data, isDone } = dataOf(response.body)
  assert.equal(isDone, false)
  const { error } = data.at(-1) as { error: Record<string, unknown> }
  assert.deepEqual({ type: error['type'], param: error['param'], code: error['code'], switch_code: error['switch_code'] }, { type: 'service_unavailable_error', param: null, code: 'stream_interrupted', switch_code: 'SWITCH_STREAM_INTERRUPTED' })
  assert.match(String(error['message']), /incomplete/)
  assert.ok(!data.some((chunk) => (chunk as { choices?: { finish_reason: string | null }[] }).choices?.[0]?.finish_reason), 'nothing says that the answer is complete')
})

test('a silence is filled with comments', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { promise: told, resolve: tell } = Promise.withResolvers<void>()
  const app = await build(t, doing(async function* () {
    yield { type: 'text', text: 'Par' }
    await told
    yield* answer('is')
  }))
  const response = chat(app, { stream: true }, { 'x-switch-timeout': '3600' })
  // The stream has begun once a few turns have passed.
  for (let turn = 0; turn < 50; turn++) await nextTurn()
  t.mock.timers.tick(10_000)
  tell()
  assert.match((await response).body, /\n\n: still here\n\n/)
})

test('the receipt is in the headers and in the log line, whole and streamed', async (t) => {
  const failing = fakeBackend({
    name: 'openai', source: 'openai', isLocal: false, kind: 'openai',
    // oxlint-disable-next-line require-yield
    async *generate() { throw new BackendError('openai', 'unauthorized', 'openai answered 401.') }
  })
  for (const stream of [false, true]) {
    const app = await build(t, { backends: [failing, fakeBackend()] })
    const { headers } = await chat(app, { stream })
    assert.match(String(headers['x-switch-inference-id']), /^inf_[0-9a-f]{32}$/)
    assert.equal(headers['x-switch-backend'], 'hermes')
    assert.equal(headers['x-switch-model'], 'fake-model')
    assert.equal(headers['x-switch-degraded'], 'true')
    assert.match(String(headers['x-switch-attempts']), /^openai;failed;unauthorized, hermes;(running|success)$/)
    assert.ok(headers['x-request-id'])
    await nextTurn()
    const line = app.lines.find(({ route }) => route === '/v1/chat/completions')!
    assert.equal(line['inference_id'], headers['x-switch-inference-id'])
    assert.equal(line['tokens_used'], 4)
    assert.equal((line['attempts'] as unknown[]).length, 2)
  }
})
