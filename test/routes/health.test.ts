// GET /switch/health and GET /health: what they tell of a backend that is ready, loading, broken or not there.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildApp } from '../../src/app.ts'
import { assemble } from '../support/registry.ts'
import { loadConfig } from '../../src/config/load.ts'
import { answer, fakeBackend } from '../support/backends.ts'
import { infer } from '../support/http.ts'
import { build, silentLogger, until } from '../support/service.ts'

const loading = { status: 'loading', model: 'big-model', reason: 'Model big-model is loading; requests wait for it.', retryAfterSeconds: 1 } as const
const failed = { status: 'failed', model: 'big-model', reason: 'Model big-model is damaged. Download it again.', retryAfterSeconds: 30, restarts: 3 } as const
const idle = { running: 0, waiting: 0, expected_wait_ms: 0 }

test('a ready local model makes /switch/health say ok, with the measured memory', async (t) => {
  const app = await build(t, { backends: [fakeBackend({ state: { status: 'ready', model: 'fake-model', memoryUsageMb: 56, restarts: 0 } })] })
  const response = await app.inject('/switch/health')
  assert.equal(response.statusCode, 200)
  const { status, model, framework, memory_usage_mb, context_ready, queue, version, uptime_s, backends } = response.json<Record<string, unknown> & { backends: Record<string, unknown>[] }>()
  assert.deepEqual({ status, model, framework, memory_usage_mb, context_ready, queue, version }, {
    status: 'ok', model: 'fake-model', framework: 'llama-cpp', memory_usage_mb: 56, context_ready: true, queue: idle, version: '0.0.0'
  })
  assert.ok(Number.isInteger(uptime_s) && uptime_s as number >= 0)
  assert.equal(backends.length, 1)
  const { name, kind, state, context_length, queue: ownQueue } = backends[0]!
  assert.deepEqual({ name, kind, state, context_length, ownQueue }, { name: 'hermes', kind: 'llama-cpp', state: 'ready', context_length: 2048, ownQueue: { ...idle, limit: 1 } })
})

for (const state of [loading, failed]) {
  test(`a local model that is ${state.status} makes /switch/health a 503 with the reason and the time`, async (t) => {
    const app = await build(t, { backends: [fakeBackend({ state })] })
    const response = await app.inject('/switch/health')
    assert.equal(response.statusCode, 503)
    assert.equal(response.headers['retry-after'], String(state.retryAfterSeconds))
    const body = response.json<Record<string, unknown> & { backends: Record<string, unknown>[] }>()
    assert.equal(body['status'], 'degraded')
    assert.equal(body['reason'], state.reason)
    assert.equal(body['model'], 'big-model')
    assert.equal(body['fallback_available'], false)
    assert.deepEqual(body['queue'], idle)
    assert.equal(body['version'], '0.0.0')
    assert.equal(body.backends[0]!['state'], state.status)
    assert.equal(body.backends[0]!['reason'], state.reason)
  })
}

test('another backend that is ready is told as the fallback', async (t) => {
  const openai = (status: 'ready' | 'failed') => fakeBackend({ name: 'openai', kind: 'openai', source: 'openai', isLocal: false, state: { status, model: 'gpt' } })
  for (const status of ['ready', 'failed'] as const) {
    const app = await build(t, { backends: [openai(status), fakeBackend({ state: failed })] })
    const body = (await app.inject('/switch/health')).json<{ fallback_available: boolean, backends: { name: string }[] }>()
    assert.equal(body.fallback_available, status === 'ready')
    assert.deepEqual(body.backends.map(({ name }) => name), ['openai', 'hermes'])
  }
})

test('without a local backend /switch/health is a 503 that says how to get one', async (t) => {
  const app = await build(t, { env: { HERMES_ENABLE: 'false' }, backends: [] })
  const response = await app.inject('/switch/health')
  assert.equal(response.statusCode, 503)
  const { status, reason, model, fallback_available, backends } = response.json<Record<string, unknown>>()
  assert.deepEqual({ status, model, fallback_available, backends }, { status: 'degraded', model: 'none', fallback_available: false, backends: [] })
  assert.match(String(reason), /HERMES_ENABLE=true/)
})

for (const [what, backends, active] of [
  ['ready', [fakeBackend()], 'fake-model'],
  ['loading', [fakeBackend({ state: loading })], null],
  ['failed', [fakeBackend({ state: failed })], null],
  ['not configured', [], null]
] as const) {
  test(`/health is 200 with the active model while the local model is ${what}`, async (t) => {
    const app = await build(t, { env: { HERMES_ENABLE: String(backends.length > 0) }, backends: [...backends] })
    const response = await app.inject('/health')
    assert.equal(response.statusCode, 200)
    assert.deepEqual(response.json(), { status: 'ok', module: 'switch', active_model: active, warm_model: null, queue_size: 0 })
  })
}

test('both tell how many run and wait, and for how long', async (t) => {
  const { promise: told, resolve: tell } = Promise.withResolvers<void>()
  const app = await build(t, { backends: [fakeBackend({ async *generate() { await told; yield* answer('Hello') } })] })
  const held = Array.from({ length: 3 }, () => infer(app, { prompt: 'Hi' }))
  await until(async () => (await app.inject('/health')).json().queue_size === 2)
  const { queue, backends } = (await app.inject('/switch/health')).json<{ queue: { running: number, waiting: number, expected_wait_ms: number }, backends: { queue: unknown }[] }>()
  assert.deepEqual({ running: queue.running, waiting: queue.waiting }, { running: 1, waiting: 2 })
  assert.ok(queue.expected_wait_ms > 0)
  assert.deepEqual(backends[0]!.queue, { ...queue, limit: 1 })
  tell()
  await Promise.all(held)
  assert.deepEqual((await app.inject('/switch/health')).json().queue, idle)
})

test('health follows the backend\'s state and calls it for nothing else', async (t) => {
  const states = [loading, { status: 'ready', model: 'big-model' }, failed] as const
  let now = 0
  let calls = 0
  const backend = { ...fakeBackend({ generate: () => { calls++; return answer('Hello') } }), state: () => states[now]! }
  const app = await build(t, { backends: [backend] })
  for (const status of [503, 200, 503]) {
    assert.equal((await app.inject('/switch/health')).statusCode, status)
    now++
  }
  assert.equal(calls, 0)
})

test('warnings of the start stand in /switch/health, and only there when there are any', async (t) => {
  const config = loadConfig({ HERMES_ENABLE: 'false' })
  const warnings = ['SWITCH_CACHE_DIR=/nowhere cannot be written.']
  const app = await buildApp({ config, registry: assemble([], config), logger: silentLogger, version: '0.0.0', closing: new AbortController().signal, warnings })
  t.after(() => app.close())
  assert.deepEqual((await app.inject('/switch/health')).json().warnings, warnings)
  const calm = await build(t)
  assert.ok(!('warnings' in (await calm.inject('/switch/health')).json()))
})

test('a model that idled counts as able when it is known to be back within the default deadline', async (t) => {
  const resting = { status: 'unloaded', model: 'big-model', loadsOnDemand: true, reason: 'Model big-model is not loaded. The next request loads it.' } as const
  for (const [state, status] of [[{ ...resting, loadTimeMs: 5000 }, 200], [{ ...resting, loadTimeMs: 10_000 }, 503], [resting, 503], [{ ...resting, loadTimeMs: 1, loadsOnDemand: false }, 503]] as const) {
    const app = await build(t, { env: { HERMES_TIMEOUT: '10' }, backends: [fakeBackend({ state })] })
    const response = await app.inject('/switch/health')
    const { context_ready, reason, backends } = response.json<{ context_ready?: boolean, reason: string, backends: { loads_on_demand: boolean }[] }>()
    assert.deepEqual([response.statusCode, context_ready, reason, backends[0]!.loads_on_demand], [status, status === 200 ? false : undefined, resting.reason, state.loadsOnDemand])
  }
})

test('when the second local model answers, health is good and says why the first does not', async (t) => {
  const second = fakeBackend({ name: 'hermes-fallback', state: { status: 'ready', model: 'small' } })
  const app = await build(t, { backends: [fakeBackend({ state: failed }), second] })
  const response = await app.inject('/switch/health')
  const { status, model, context_ready, reason } = response.json<Record<string, unknown>>()
  assert.deepEqual({ status, model, context_ready, reason }, { status: 'ok', model: 'small', context_ready: true, reason: 'Model big-model is damaged. Download it again. hermes-fallback answers instead, with small.' })
})

test('health tells how far a load is', async (t) => {
  const app = await build(t, { backends: [fakeBackend({ state: { ...loading, loadProgress: 0.4, loadTimeMs: 9000 } })] })
  const { load_progress, load_time_ms } = (await app.inject('/switch/health')).json<{ backends: Record<string, unknown>[] }>().backends[0]!
  assert.deepEqual({ load_progress, load_time_ms }, { load_progress: 0.4, load_time_ms: 9000 })
})
