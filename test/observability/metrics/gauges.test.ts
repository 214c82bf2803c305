// GET /metrics: what is read of backends and of the service at the moment of the scrape.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildApp } from '../../../src/app.ts'
import type { BackendState } from '../../../src/backends/backend.ts'
import { LiveRegistry } from '../../../src/backends/live-registry.ts'
import { withGate } from '../../../src/backends/registry.ts'
import { loadConfig } from '../../../src/config/load.ts'
import type { BackendSpec } from '../../../src/config/specs.ts'
import { BackendError } from '../../../src/inference/failure.ts'
import type { InferenceEvent } from '../../../src/inference/request.ts'
import { fakeBackend } from '../../support/backends.ts'
import { infer } from '../../support/http.ts'
import { build, silentLogger } from '../../support/service.ts'
import { scrape, seriesOf, valueOf } from './exposition.ts'

test('the state of a local engine is told in base units', async (t) => {
  const engine = { kvUsedTokens: 512, kvTotalTokens: 2048, busySlots: 1, slots: 2 }
  const app = await build(t, { backends: [fakeBackend({ state: { status: 'ready', model: 'm', memoryUsageMb: 56, restarts: 3, loadTimeMs: 1500, engine } })] })
  const metrics = await scrape(app)
  const read = (name: string, labels = {}) => valueOf(metrics, name, labels)
  assert.equal(read('switch_engine_memory_bytes'), 56e6)
  assert.equal(read('switch_engine_restarts_total'), 3)
  assert.equal(read('switch_model_load_seconds'), 1.5)
  assert.equal(read('switch_engine_slots_busy'), 1)
  assert.equal(read('switch_kv_cache_usage_ratio'), 0.25)
  assert.equal(read('switch_queued_requests'), 0)
  assert.equal(read('switch_running_requests'), 0)
  assert.equal(read('switch_gate_limit', { backend: 'hermes' }), 1)
  assert.equal(read('switch_build_info', { version: '0.0.0', node_version: process.versions.node }), 1)
  assert.ok(read('switch_memory_limit_bytes')! > 0)
  assert.ok(read('process_resident_memory_bytes')! > 0)
  assert.equal(metrics.types.get('nodejs_eventloop_lag_p99_seconds'), 'gauge')
})

const states: [BackendState, number][] = [
  [{ status: 'ready', model: 'm' }, 1], [{ status: 'loading', model: 'm' }, 0], [{ status: 'failed', model: 'm' }, 0],
  [{ status: 'unloaded', model: 'm', loadsOnDemand: true }, 1], [{ status: 'unloaded', model: 'm', loadsOnDemand: false }, 0]
]

for (const [state, ready] of states) {
  const { status, loadsOnDemand } = state
  test(`a service whose only backend is ${status}${loadsOnDemand ? ' until a request comes' : ''} ${ready ? 'is ready' : 'is not ready'}`, async (t) => {
    const app = await build(t, { backends: [fakeBackend({ state })] })
    const metrics = await scrape(app)
    assert.equal(valueOf(metrics, 'switch_ready'), ready)
    assert.equal(valueOf(metrics, 'switch_backend_state', { backend: 'hermes', state: status }), 1)
  })
}

test('a backend that fails opens its breaker, which is counted, and the service is no longer ready', async (t) => {
  const refused = async function* (): AsyncGenerator<InferenceEvent, void> {
    yield* []
    throw new BackendError('openai', 'unauthorized', 'the key is wrong')
  }
  const app = await build(t, { env: { OPENAI_API_KEY: 'x' }, backends: [fakeBackend({ name: 'openai', kind: 'openai', source: 'openai', isLocal: false, generate: refused })] })
  assert.equal(valueOf(await scrape(app), 'switch_breaker_state', { backend: 'openai', state: 'closed' }), 1)
  await infer(app, { prompt: 'Hi' })
  const metrics = await scrape(app)
  assert.equal(valueOf(metrics, 'switch_breaker_state', { backend: 'openai', state: 'open' }), 1)
  assert.equal(valueOf(metrics, 'switch_breaker_state', { backend: 'openai', state: 'closed' }), 0)
  assert.equal(valueOf(metrics, 'switch_breaker_openings_total', { backend: 'openai' }), 1)
  assert.equal(valueOf(metrics, 'switch_ready'), 0)
})

test('a reload leaves no series of a backend that is gone', async (t) => {
  const config = loadConfig({})
  const registry = new LiveRegistry({ make: async ({ name }) => fakeBackend({ name }), guard: (backend) => withGate(backend, config), log: silentLogger })
  const specs = (...names: string[]) => ({ backends: names.map((name) => ({ name }) as BackendSpec), routes: [{ name: 'default', backends: names }] as never })
  await registry.reload(specs('first', 'second'))
  const app = await buildApp({ config, registry, logger: silentLogger, version: '0.0.0', closing: new AbortController().signal })
  t.after(async () => {
    await app.close()
    await registry.close()
  })
  const backendsNamed = async () => new Set((await scrape(app)).samples.flatMap(({ labels }) => labels['backend'] ?? []))
  assert.deepEqual(await backendsNamed(), new Set(['first', 'second']))
  await registry.reload(specs('second', 'third'))
  assert.deepEqual(await backendsNamed(), new Set(['second', 'third']))
  assert.ok(seriesOf(await scrape(app)).length > 0)
})
