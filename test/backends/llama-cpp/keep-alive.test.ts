// A model that nobody uses is unloaded after its keep-alive, and the next request loads it again.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { LlamaCppBackend } from '../../../src/backends/llama-cpp/backend.ts'
import { defaultPatience } from '../../../src/backends/llama-cpp/supervision/engine-watch.ts'
import { BackendError } from '../../../src/inference/failure.ts'
import { MemoryBudget } from '../../../src/models/memory-budget.ts'
import { MemoryClaim } from '../../../src/models/memory-claim.ts'
import { ManualClock } from '../../support/clock.ts'
import { ask, embeddedModel, engineSettings, fakeEngines, never, read } from '../../support/engine.ts'
import type { FakeEngine } from '../../support/engine.ts'
import { silentLogger, temporaryFolder, until } from '../../support/service.ts'

const fit = { contextLength: 512, slots: 1, batchSize: 128, kvCache: 'f16', hasFlashAttention: true, hasMmap: true, adapterBytes: 0 } as const

async function backendThatKeeps(t: TestContext, keepAliveMs: number) {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const clock = new ManualClock()
  const { engines, start } = fakeEngines()
  const budget = new MemoryBudget({ mb: 1000, source: 'HERMES_MAX_MEMORY_MB' })
  const claim = new MemoryClaim({ name: 'hermes', path: embeddedModel, folder: temporaryFolder(t), fit, budget })
  const backend = LlamaCppBackend.of({ backend: 'hermes', model: 'm', settings: engineSettings, start, checkModel: (other) => claim.take(other), claim, keepAliveMs, patience: defaultPatience, clock, log: silentLogger })
  t.after(() => backend.close())
  const pass = (ms: number) => {
    for (let passed = 0; passed < ms; passed += 500) {
      clock.advance(500)
      engines.at(-1)!.beat()
      t.mock.timers.tick(500)
    }
  }
  const started = (count: number) => until(() => engines.length === count && engines.at(-1)!)
  ;(await started(1)).load()
  return { backend, budget, engines, pass, started, clock }
}

/** Lets a generation that an engine was given come to its end. */
async function answer(engine: FakeEngine): Promise<void> {
  const message = await until(() => engine.received.findLast(({ type }) => type === 'generate'))
  const { id } = message as { id: number }
  engine.say({ type: 'steps', steps: [{ type: 'event', id, event: { type: 'text', text: 'Hello' } }, { type: 'event', id, event: { type: 'finish', reason: 'stop' } }, { type: 'ended', id }] })
}

const unloaded = (backend: LlamaCppBackend) => until(() => backend.state().status === 'unloaded')

test('a model that idles for its keep-alive is ended and gives its memory back', async (t) => {
  const { backend, budget, engines, pass } = await backendThatKeeps(t, 2000)
  assert.ok(budget.freeMb < 1000)
  pass(1500)
  assert.equal(backend.state().status, 'ready')
  pass(500)
  await unloaded(backend)
  assert.equal(engines[0]!.isKilled, true)
  assert.equal(budget.freeMb, 1000)
  const { loadsOnDemand, reason, loadedAt, memoryUsageMb } = backend.state()
  assert.deepEqual({ loadsOnDemand, loadedAt, memoryUsageMb }, { loadsOnDemand: true, loadedAt: undefined, memoryUsageMb: undefined })
  assert.match(reason!, /The next request loads it\.$/)
})

test('the next request loads it again; requests that come together share one load and wait for it', async (t) => {
  const { backend, pass, started, clock, engines } = await backendThatKeeps(t, 1000)
  pass(1000)
  await unloaded(backend)
  const first = read(backend.generate(ask('Hi'), never))
  const second = read(backend.generate(ask('Hi'), never))
  const engine = await started(2)
  assert.equal(backend.state().status, 'loading')
  clock.advance(700)
  engine.load()
  for (const [index, result] of [first, second].entries()) {
    await until(() => engine.received.filter(({ type }) => type === 'generate').length === 2)
    const { id } = engine.received.filter(({ type }) => type === 'generate')[index] as { id: number }
    engine.say({ type: 'steps', steps: [{ type: 'event', id, event: { type: 'finish', reason: 'stop' } }, { type: 'ended', id }] })
    assert.equal((await result).finish, 'stop')
  }
  assert.equal(engines.length, 2)
  assert.equal(backend.state().loadTimeMs, 700)
})

test('it is not unloaded while a request uses it, however long that takes', async (t) => {
  const { backend, engines, pass } = await backendThatKeeps(t, 1000)
  const result = read(backend.generate(ask('Hi'), never))
  await until(() => engines[0]!.received.some(({ type }) => type === 'generate'))
  pass(10_000)
  assert.equal(backend.state().status, 'ready')
  await answer(engines[0]!)
  assert.equal((await result).text, 'Hello')
  pass(500)
  assert.equal(backend.state().status, 'ready', 'the idle time begins with the end of the request')
  pass(500)
  await unloaded(backend)
})

test('with keep-alive 0 it is unloaded as soon as nobody uses it, and answers all the same', async (t) => {
  const { backend, pass, started } = await backendThatKeeps(t, 0)
  pass(500)
  await unloaded(backend)
  for (const engines of [2, 3]) {
    const result = read(backend.generate(ask('Hi'), never))
    const engine = await started(engines)
    engine.load()
    await answer(engine)
    assert.equal((await result).text, 'Hello')
    pass(500)
    await unloaded(backend)
  }
})

test('without a keep-alive it stays for ever', async (t) => {
  const { backend, pass } = await backendThatKeeps(t, Infinity)
  pass(100_000)
  assert.equal(backend.state().status, 'ready')
})

test('a request that waits for the load ends with its own signal, and the load goes on', async (t) => {
  const { backend, pass, started } = await backendThatKeeps(t, 1000)
  pass(1000)
  await unloaded(backend)
  const controller = new AbortController()
  const result = read(backend.generate(ask('Hi'), controller.signal))
  const engine = await started(2)
  controller.abort(new Error('enough'))
  await assert.rejects(result, /enough/)
  engine.load()
  await until(() => backend.state().status === 'ready')
})

test('what the operator has unloaded is not loaded by a request, but by load', async (t) => {
  const { backend, started, budget } = await backendThatKeeps(t, Infinity)
  await backend.unload()
  assert.deepEqual([backend.state().status, backend.state().loadsOnDemand, budget.freeMb], ['unloaded', false, 1000])
  await assert.rejects(read(backend.generate(ask('Hi'), never)), (error: BackendError) => error.reason === 'model_unavailable' && /POST \/switch\/models\/load/.test(error.message))
  const loaded = backend.load()
  const shared = backend.load()
  ;(await started(2)).load()
  await Promise.all([loaded, shared])
  assert.equal(backend.state().status, 'ready')
})

test('an unload lets running requests finish and turns new ones away meanwhile', async (t) => {
  const { backend, engines } = await backendThatKeeps(t, Infinity)
  const running = read(backend.generate(ask('Hi'), never))
  await until(() => engines[0]!.received.some(({ type }) => type === 'generate'))
  const gone = backend.unload()
  await until(() => backend.state().status === 'unloading')
  await assert.rejects(read(backend.generate(ask('Hi'), never)), (error: BackendError) => error.reason === 'model_unavailable')
  assert.equal(engines[0]!.isKilled, false)
  await answer(engines[0]!)
  assert.equal((await running).text, 'Hello')
  await gone
  assert.equal(engines[0]!.isKilled, true)
})

test('tells how far the load is, and what the engine holds', async (t) => {
  const { backend, engines, started } = await backendThatKeeps(t, Infinity)
  await backend.unload()
  const loaded = backend.load()
  const engine = await started(2)
  engine.say({ type: 'load-progress', progress: 0.4 })
  assert.equal(backend.state().loadProgress, 0.4)
  engine.load()
  await loaded
  const load = { kvUsedTokens: 10, kvTotalTokens: 2048, busySlots: 1, slots: 1 }
  engine.say({ type: 'heartbeat', rssBytes: 50e6, active: 1, progress: 1, load })
  assert.deepEqual([backend.state().loadProgress, backend.state().engine], [undefined, load])
  assert.equal(engines.length, 2)
})
