// Every caller of Switch in VX11: what it sends, how long it waits, what it reads.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildApp } from '../../../src/app.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { ManualClock } from '../../support/clock.ts'
import { listening } from '../../support/http.ts'
import { listen, ready, silentLogger } from '../../support/service.ts'
import { Gateway } from '../../support/vx11-gateway.ts'
import type { Json } from '../../support/vx11-gateway.ts'

const token = 'vx11-test-token'
const question = 'What is the capital of France?'
const answer = 'The capital of France is Paris.'

test('the callers of VX11, each with its own body, token and patience', async (t) => {
  const server = await listen(t, { VX11_TENTACULO_LINK_TOKEN: token, HERMES_TEMPERATURE: '0' })
  await ready(server.url)
  const { registry } = server
  // The same models behind a door without a token: what its callers without one meet there.
  const open = await buildApp({ config: loadConfig({}), registry, logger: silentLogger, version: '0.0.0', closing: new AbortController().signal })
  t.after(() => open.close())
  const openUrl = await listening(open)

  const call = async (url: string, path: string, body: unknown, seconds: number, headers: Record<string, string> = { 'X-VX11-Token': token }): Promise<{ status: number, headers: Headers, json: Json }> => {
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
    const response = await fetch(url + path, { ...init, headers: { 'Content-Type': 'application/json', ...headers }, signal: AbortSignal.timeout(seconds * 1000) })
    return { status: response.status, headers: response.headers, json: await response.json() as Json }
  }
  const ok = async (path: string, body: unknown, seconds: number): Promise<Json> => {
    const { status, json } = await call(server.url, path, body, seconds)
    assert.equal(status, 200, JSON.stringify(json))
    return json
  }
  const gateway = new Gateway(server.url, new ManualClock(), token)

  await t.test('gateway, /operator/api/chat, and what ChatView shows of it', async () => {
    const json = await gateway.apiChat(question, 'session-1')
    assert.equal(json['response'], answer)
    assert.equal(json['message'], answer)
    assert.deepEqual([json['status'], json['model'], json['session_id'], json['provider_used']], ['ok', 'switch-tiny', 'session-1', 'hermes'])
    assert.match(String(json['correlation_id']), /^req_\w{32}$/)
  })

  await t.test('gateway, /operator/chat, with what was said before', async () => {
    const json = await gateway.chat(question, 'session-1', 'They spoke of geography.')
    assert.deepEqual([json['response'], json['status'], json['session_id']], [answer, 'ok', 'session-1'])
    assert.deepEqual(gateway.madreAsked, [])
  })

  await t.test('gateway, /operator/task', async () => {
    const json = await gateway.task('general', { text: question, intent_type: 'ask', metadata: { trace: 1 } }, 'local')
    assert.deepEqual([json['status'], json['task_type'], json['result'], json['provider'], json['session_id']], ['ok', 'general', answer, 'hermes', 'session'])
  })

  await t.test('gateway, health check of all modules', async () => {
    const json = await gateway.health()
    assert.equal(json['status'], 'ok')
    assert.deepEqual([gateway.switch.state, gateway.switch.failures], ['closed', 0])
  })

  await t.test('a correlation id goes through', async () => {
    const { headers, json } = await call(server.url, '/switch/chat', { message: question }, 6, { 'X-VX11-Token': token, 'X-Correlation-Id': 'operator-42' })
    assert.deepEqual([headers.get('X-Correlation-Id'), json['correlation_id']], ['operator-42', 'operator-42'])
  })

  await t.test('a service that sends a conversation', async () => {
    const json = await ok('/switch/chat', { messages: [{ role: 'user', content: question }], provider_hint: null, metadata: { language_lane: true, task_type: 'chat', source: 'madre', max_tokens: 64, require_streaming: false, force_cli: false, trace_id: 'trace-1' } }, 6)
    for (const name of ['content', 'reply', 'response']) assert.equal(json[name], answer)
    assert.deepEqual([json['decision'], json['engine_used'], json['used_cli'], json['trace_id']], ['local', 'llama-cpp', false, 'trace-1'])
    assert.equal(typeof json['latency_ms'], 'number')
    assert.equal(typeof json['tokens_used'], 'number')
  })

  await t.test('madre, intents', async () => {
    const json = await ok('/switch/task', { task_type: 'intent', payload: { text: question, payload: {}, require: { switch: true }, priority: 'P1', correlation_id: 'c-1' } }, 30)
    assert.deepEqual([json['provider'] ?? json['selected_provider'], json['response']], ['hermes', answer])
    assert.match(String(json['reasoning']), /hermes is the first of the route/)
  })

  await t.test('madre, runner: a free payload', async () => {
    const json = await ok('/switch/route-v5', { objective: 'summarise', steps: ['read', 'write'], step: 3 }, 10)
    assert.equal(json['status'], 'ok')
    assert.equal(json['prompt'], '{"objective":"summarise","steps":["read","write"],"step":3}')
  })

  await t.test('madre, delegation and bridge: health without a token', async () => {
    const { status, json } = await call(server.url, '/health', undefined, 2, {})
    assert.deepEqual([status, json['status']], [200, 'ok'])
  })

  await t.test('madre, bridge: without a token and without a prompt', async () => {
    const body = { query: question, context: { module: 'bridge' } }
    const closed = await call(server.url, '/switch/route-v5', body, 30, {})
    assert.deepEqual([closed.status, closed.json['detail']], [401, 'auth_required'])
    const { status, json } = await call(openUrl, '/switch/route-v5', body, 30, {})
    assert.deepEqual([status, json['response']], [200, (await ok('/switch/route-v5', { prompt: question }, 15))['response']])
  })

  await t.test('madre, power profile', async () => {
    const json = await ok('/switch/fluzo', undefined, 5)
    assert.deepEqual([json['status'], json['profile']], ['disabled', 'unknown'])
  })

  await t.test('madre, its older calls', async () => {
    const routed = await ok('/switch/route-v5', { prompt: question, metadata: { mode: 'x' }, source: 'madre' }, 8)
    assert.deepEqual([routed['model'], routed['reply'], routed['queue_size']], ['switch-tiny', answer, 0])
    assert.equal((await ok('/switch/control', { action: 'set_mode', mode: 'ECO' }, 2))['status'], 'error')
    assert.equal((await ok('/switch/queue/status', undefined, 3))['size'], 0)
    assert.equal((await ok('/switch/task', { task_type: 'planning', payload: { goal: 'plan' }, source: 'madre' }, 5))['prompt'], 'planning: {"goal":"plan"}')
    for (const path of ['/switch/route', '/switch/intent_router']) assert.equal((await ok(path, { prompt: question, metadata: {}, source: 'madre' }, 8))['reply'], answer)
  })

  await t.test('hormiguero, advice: it sends no token', async () => {
    const body = { incident_summary: { kind: 'disk', severity: 'critical', title: 'Disk full' }, context: { incident_id: 'i-1' } }
    assert.equal((await call(server.url, '/switch/advice', body, 2.5, {})).status, 401)
    const { status, json } = await call(openUrl, '/switch/advice', body, 2.5, {})
    assert.equal(status, 200)
    assert.ok(Array.isArray(json['recommendations']) && json['recommendations'].length > 0)
    assert.deepEqual(json['scoring'], { score: null, severity: 'critical' })
  })

  await t.test('hormiguero, health', async () => {
    assert.equal((await call(server.url, '/health', undefined, 2.5, {})).status, 200)
  })

  await t.test('hermes, where an engine can be asked', async () => {
    const json = await ok('/switch/hermes/select_engine', { engine_id: 'hermes' }, 5)
    assert.deepEqual([json['endpoint'], (json['metadata'] as Json)['model']], [server.url, 'switch-tiny'])
    const completion = await call(String(json['endpoint']), '/v1/completions', { model: json['engine'], prompt: 'The capital of', max_tokens: 5 }, 10)
    assert.equal(completion.status, 200)
    assert.equal((await call(server.url, '/switch/hermes/select_engine', { engine_id: 'nobody' }, 5)).status, 404)
  })

  await t.test('shubniggurath', async () => {
    const json = await ok('/switch/route-v5', { prompt: question, metadata: { task_type: 'audio', sample_rate: 48_000 }, source: 'shub' }, 30)
    assert.deepEqual([json['reply'], json['task_type']], [answer, 'audio'])
    assert.equal((await ok('/switch/route', { prompt: question, metadata: { task_type: 'audio' } }, 30))['status'], 'ok')
    assert.equal((await call(server.url, '/health', undefined, 5, {})).status, 200)
  })

  await t.test('the worker of the old queue: no token, and a hash for a payload', async () => {
    const body = { task_type: 'general', payload: { payload_hash: 'abc123' }, source: 'operator' }
    assert.equal((await call(server.url, '/switch/task', body, 30, {})).json['detail'], 'auth_required')
    assert.equal((await call(openUrl, '/switch/task', body, 30, {})).json['prompt'], 'general: {"payload_hash":"abc123"}')
  })

  await t.test('the acceptance script', async () => {
    assert.equal((await ok('/switch/task', { task_type: 'summarization', payload: { text: 'Switch answers.' }, source: 'hija' }, 15))['task_type'], 'summarization')
  })

  await t.test('calls that Switch never had stay unknown, in JSON', async () => {
    for (const path of ['/switch/query', '/switch/feedback/audio_analysis', '/switch/mastering/route']) {
      const { status, json } = await call(server.url, path, {}, 5)
      assert.deepEqual([status, json['code']], [404, 'SWITCH_HTTP_NOT_FOUND'])
    }
  })
})
