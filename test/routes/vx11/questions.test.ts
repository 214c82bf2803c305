// What a question means, wherever VX11's services put its parts, and what becomes of it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FastifyInstance } from 'fastify'
import { BackendError } from '../../../src/inference/failure.ts'
import type { InferenceRequest } from '../../../src/inference/request.ts'
import { answer, fakeBackend } from '../../support/backends.ts'
import { errorOf } from '../../support/http.ts'
import { build, until } from '../../support/service.ts'

type Body = Record<string, unknown>

async function ask(app: FastifyInstance, path: string, payload: object): Promise<Body> {
  const response = await app.inject({ method: 'POST', url: `/switch/${path}`, payload })
  assert.equal(response.statusCode, 200, response.body)
  return response.json<Body>()
}

/** A backend that keeps what it is asked. */
function listener(name = 'hermes') {
  const heard: InferenceRequest[] = []
  const isLocal = name === 'hermes'
  const backend = fakeBackend({ name, source: isLocal ? 'local_hermes' : name, isLocal, generate: (request) => {
    heard.push(request)
    return answer(`This is ${name}`)
  } })
  return { heard, backend }
}

for (const [path, body, prompt] of [
  ['chat', { message: 'Hi' }, 'Hi'],
  ['chat', { prompt: 'Hi' }, 'Hi'],
  ['chat', { messages: [{ role: 'user', content: 'Hi' }], message: 'not this' }, 'Hi'],
  ['route-v5', { prompt: 'Hi', metadata: null, source: null }, 'Hi'],
  ['route-v5', { query: 'Hi', context: { a: 1 } }, 'Hi'],
  ['route-v5', { intent: 'open', target: ['door'], session_id: 's', source: 'hijas' }, '{"intent":"open","target":["door"]}'],
  ['route', { content: 'Hi' }, 'Hi'],
  ['intent_router', { payload: { text: 'Hi' } }, 'Hi'],
  ['task', { task_type: 'x', payload: { query: 'Hi', text: '  ' } }, 'Hi'],
  ['task', { task_type: 'x', payload: { text: null, payload: { message: 'Hi' } } }, 'Hi'],
  ['task', { task_type: 'x', payload: 'Hi' }, 'Hi'],
  ['task', { task_type: 'plan', payload: { goal: 'Hi', session_id: 's', metadata: {} } }, 'plan: {"goal":"Hi"}'],
  ['task', { prompt: 'Hi' }, 'Hi']
] as const) {
  test(`${path} finds the question in ${JSON.stringify(body)}`, async (t) => {
    const { backend, heard } = listener()
    const json = await ask(await build(t, { backends: [backend] }), path, body)
    assert.deepEqual([json['status'], json['prompt']], ['ok', prompt])
    assert.equal(heard[0]!.messages.at(-1)!.content, prompt)
  })
}

for (const [path, body, field] of [
  ['chat', {}, 'prompt'],
  ['chat', { message: '  ' }, 'prompt'],
  ['chat', { objective: 'no text' }, 'prompt'],
  ['chat', { messages: [] }, 'messages'],
  ['chat', { message: 'Hi', session_id: 5 }, 'session_id'],
  ['chat', { messages: [{ role: 'system', content: 'Be kind.' }] }, 'messages.0.role'],
  ['route-v5', { metadata: {}, payload: {} }, 'prompt'],
  ['route-v5', { prompt: 'Hi', metadata: 'none' }, 'metadata'],
  ['task', { task_type: 'x', payload: { session_id: 's' } }, 'prompt'],
  ['task', { payload: { text: 'Hi' }, timeout_seconds: 0 }, 'timeout_seconds'],
  ['advice', { context: { incident_id: 'i' } }, 'prompt']
] as const) {
  test(`${path} says what is wrong with ${JSON.stringify(body)}`, async (t) => {
    const json = await ask(await build(t), path, body)
    assert.deepEqual([json['status'], json['code'], json['degraded']], ['error', 'SWITCH_REQUEST_INVALID', true])
    assert.equal((json['details'] as { path: string }[])[0]!.path, field)
    assert.match(String(json['response']), /^No answer: \S.+\.$/)
  })
}

test('a body nested without end is a fault of the request', async (t) => {
  const response = await (await build(t)).inject({ method: 'POST', url: '/switch/task', headers: { 'content-type': 'application/json' }, payload: `{"payload":{"goal":${'['.repeat(300_000)}${']'.repeat(300_000)}}}` })
  assert.equal(response.statusCode, 200)
  assert.deepEqual(response.json().details, [{ path: 'goal', reason: 'is nested too deeply' }])
})

test('what is no request keeps its own status', async (t) => {
  const app = await build(t, { env: { SWITCH_TOKEN: 'secret' } })
  const send = (headers: Record<string, string>, payload: string) => app.inject({ method: 'POST', url: '/switch/chat', payload, headers })
  assert.equal(errorOf(await send({ 'content-type': 'application/json' }, '{}'), 401, 'SWITCH_AUTH_REQUIRED').detail, 'auth_required')
  errorOf(await send({ 'content-type': 'application/json', 'x-vx11-token': 'secret' }, '{"message"'), 400, 'SWITCH_REQUEST_INVALID')
  errorOf(await send({ 'content-type': 'text/plain', 'x-vx11-token': 'secret' }, 'Hi'), 415, 'SWITCH_BODY_NOT_JSON')
  errorOf(await send({ 'content-type': 'application/json', 'x-vx11-token': 'secret' }, JSON.stringify({ message: 'a'.repeat(2 ** 20) })), 413, 'SWITCH_BODY_TOO_LARGE')
})

test('session, bounds and what was said before reach the backend', async (t) => {
  const { backend, heard } = listener()
  const app = await build(t, { backends: [backend] })
  await ask(app, 'route-v5', { prompt: 'Hi', session_id: 's-1', metadata: { max_tokens: 7, context_summary: 'Greetings.' } })
  await ask(app, 'task', { task_type: 'summarization', payload: { text: 'Long.', session_id: 's-2' }, max_tokens: 9 })
  assert.deepEqual(heard.map(({ sessionId, maxTokens }) => [sessionId, maxTokens]), [['s-1', 7], ['s-2', 9]])
  assert.deepEqual(heard.map(({ messages }) => messages[0]), [{ role: 'system', content: 'Said before, in short: Greetings.' }, { role: 'system', content: 'Task: summarization' }])
})

for (const [hint, provider, prompted] of [
  [undefined, 'openai', []], ['auto', 'openai', []], ['copilot_cli', 'openai', []],
  ['local', 'hermes', ['openai']], ['Hermes_Local', 'hermes', ['openai']], ['hermes', 'hermes', ['openai']],
  ['vllm', 'vllm', ['openai', 'hermes']], ['deepseek_r1', 'openai', []]
] as const) {
  test(`provider_hint ${hint} is answered by ${provider}`, async (t) => {
    const all = ['openai', 'hermes', 'vllm'].map((name) => listener(name))
    const app = await build(t, { backends: all.map(({ backend }) => backend) })
    const json = await ask(app, 'chat', { message: 'Hi', provider_hint: hint })
    assert.deepEqual([json['provider'], json['response'], json['degraded']], [provider, `This is ${provider}`, false])
    for (const name of prompted) assert.equal(all[['openai', 'hermes', 'vllm'].indexOf(name)]!.heard.length, 0)
    if (hint === 'copilot_cli') assert.match(String(json['reasoning']), /"copilot_cli" is no provider here/)
  })
}

test('a wished provider that fails has the route behind it; a local one stays local', async (t) => {
  const failing = (name: string, isLocal: boolean) => fakeBackend({
    name, isLocal,
    // oxlint-disable-next-line require-yield
    async *generate() { throw new BackendError(name, 'model_unavailable', `${name} has no model.`) }
  })
  const { backend: openai, heard } = listener('openai')
  const app = await build(t, { backends: [openai, failing('vllm', false), failing('hermes', true)] })
  const json = await ask(app, 'chat', { message: 'Hi', provider: 'vllm' })
  assert.deepEqual([json['provider'], json['degraded'], json['fallback_source'], json['fallback_reason']], ['openai', true, 'openai', 'model_unavailable'])
  assert.equal(json['reasoning'], 'openai answered after vllm (model_unavailable).')
  assert.equal((await ask(app, 'chat', { message: 'Hi', provider: 'hermes' }))['error'], 'hermes has no model.')
  assert.equal(heard.length, 1)
})

test('an answer that breaks off is partial, and says so', async (t) => {
  const app = await build(t, { backends: [fakeBackend({
    async *generate() {
      yield { type: 'text', text: 'One, two' }
      throw new BackendError('hermes', 'engine_died', 'The engine ended.')
    }
  })] })
  const json = await ask(app, 'task', { task_type: 'count', payload: { text: 'Count' } })
  assert.deepEqual([json['status'], json['result'], json['finish_reason'], json['degraded'], json['code']], ['partial', 'One, two', 'interrupted', true, 'SWITCH_ROUTE_UNAVAILABLE'])
  assert.equal(json['response'], 'One, two… [incomplete: the model broke off]')
  const line = await until(() => app.lines.find(({ route }) => route === '/switch/task'))
  assert.deepEqual([line['status'], line['code']], [200, 'SWITCH_ROUTE_UNAVAILABLE'])
})

test('refused content is never shown, not even a part of it', async (t) => {
  const app = await build(t, { backends: [fakeBackend({
    async *generate() {
      yield { type: 'text', text: 'Bad' }
      throw new BackendError('hermes', 'content_filtered', 'not allowed')
    }
  })] })
  const json = await ask(app, 'route-v5', { prompt: 'Hi' })
  assert.deepEqual([json['status'], json['code'], json['result']], ['error', 'SWITCH_CONTENT_FILTERED', null])
  assert.doesNotMatch(JSON.stringify(json), /Bad/)
})

test('thoughts are beside the answer, and reasoning says why this provider', async (t) => {
  const app = await build(t, { backends: [fakeBackend({
    async *generate() {
      yield { type: 'reasoning', text: 'Let me see.' }
      yield* answer('Yes')
    }
  })] })
  const json = await ask(app, 'chat', { message: 'Hi' })
  assert.deepEqual([json['reasoning'], json['reasoning_content'], json['response']], ['hermes is the first of the route.', 'Let me see.', 'Yes'])
})

test('who asks decides who goes first; a caller of route-v5 without a name is the operator', async (t) => {
  const seen: string[] = []
  const { promise: told, resolve: tell } = Promise.withResolvers<void>()
  const app = await build(t, { backends: [fakeBackend({
    async *generate({ messages }) {
      seen.push(String(messages.at(-1)!.content))
      await told
      yield* answer('Hello')
    }
  })] })
  const callers = [['task', { payload: 'running' }], ['task', { payload: 'nobody' }], ['route-v5', { prompt: 'hijas', source: 'hijas' }], ['route-v5', { prompt: 'madre', metadata: { source: 'madre' } }], ['route-v5', { prompt: 'unnamed' }], ['task', { payload: 'shub', source: 'Shub' }]] as const
  const all = []
  for (const [path, body] of callers) {
    all.push(ask(app, path, body))
    await until(async () => seen.length === 1 && (await app.inject('/switch/queue/status')).json().size === all.length - 1)
  }
  tell()
  await Promise.all(all)
  assert.deepEqual(seen, ['running', 'shub', 'unnamed', 'madre', 'hijas', 'nobody'])
})

test('the log line says who asked and under which trace', async (t) => {
  const app = await build(t)
  await ask(app, 'chat', { message: 'Hi', metadata: { source: 'Madre', trace_id: 'trace-7' } })
  const line = await until(() => app.lines.find(({ route }) => route === '/switch/chat'))
  assert.deepEqual([line['caller'], line['trace_id'], line['model']], ['madre', 'trace-7', 'fake-model'])
})
