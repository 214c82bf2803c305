import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { Supervisor } from '../../../../src/backends/llama-cpp/supervision/supervisor.ts'
import { BackendError } from '../../../../src/inference/failure.ts'
import { ManualClock } from '../../../support/clock.ts'
import { ask, engineSettings, fakeEngines, never, read } from '../../../support/engine.ts'
import { silentLogger } from '../../../support/service.ts'

const patience = { heartbeatMs: 5000, loadMs: 20_000, stepMs: 8000, forgetMs: 60_000 }

async function supervise(t: TestContext, checkModel: () => Promise<void> = async () => undefined) {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] })
  const clock = new ManualClock()
  const { engines, start } = fakeEngines()
  const supervisor = new Supervisor({ backend: 'hermes', model: 'm', settings: engineSettings, start, checkModel, patience, clock, log: silentLogger })
  supervisor.start()
  const settle = () => new Promise((resolve) => setImmediate(resolve))
  const pass = async (ms: number, each: () => void = () => undefined) => {
    for (let passed = 0; passed < ms; passed += 500) {
      clock.advance(500)
      t.mock.timers.tick(500)
      each()
      await settle()
    }
  }
  await settle()
  t.after(() => supervisor.close())
  return { supervisor, engines, pass, settle, last: () => engines.at(-1)! }
}

test('waits while the model loads, then hands out the session', async (t) => {
  const { supervisor, last } = await supervise(t)
  assert.equal(supervisor.state().status, 'loading')
  const waiting = supervisor.whenReady(never)
  last().beat()
  last().load()
  await waiting
  const { loadedAt, ...state } = supervisor.state()
  assert.deepEqual(state, { status: 'ready', model: 'm', restarts: 0, memoryUsageMb: 50, loadTimeMs: 0 })
  assert.ok(Math.abs(Date.now() - loadedAt!) < 60_000)
})

test('a request that waits for loading ends with its signal', async (t) => {
  const { supervisor } = await supervise(t)
  const controller = new AbortController()
  const waiting = supervisor.whenReady(controller.signal)
  controller.abort(new Error('enough'))
  await assert.rejects(waiting, /enough/)
})

test('starts an engine that died while ready anew at once, and requests wait for it', async (t) => {
  const { supervisor, engines, last, pass, settle } = await supervise(t)
  last().load()
  const session = await supervisor.whenReady(never)
  const answer = read(session.generate(ask('Hi'), never))
  await settle()
  engines[0]!.die('was ended by SIGKILL')
  await assert.rejects(answer, (error: BackendError) => error.reason === 'engine_died' && error.retryAfterSeconds === 1)
  assert.equal(supervisor.state().status, 'loading')
  await pass(500)
  assert.equal(engines.length, 2)
  last().load()
  await supervisor.whenReady(never)
  assert.equal(supervisor.state().restarts, 1)
})

test('backs off in a crash loop and tells it', async (t) => {
  const { supervisor, engines, last, pass, settle } = await supervise(t)
  const startsAfter: number[] = []
  for (let crash = 0; crash < 7; crash++) {
    last().load()
    last().die('was ended by SIGSEGV')
    await settle()
    const started = engines.length
    let waited = 0
    while (engines.length === started) {
      await pass(500)
      waited += 500
    }
    startsAfter.push(waited)
  }
  assert.deepEqual(startsAfter, [500, 500, 1000, 2000, 4000, 8000, 16_000])
  last().load()
  last().die('was ended by SIGSEGV')
  await settle()
  const { status, reason, retryAfterSeconds } = supervisor.state()
  assert.equal(status, 'failed')
  assert.match(reason!, /died 8 times in a row: it was ended by SIGSEGV\. Next try in 32 s\./)
  assert.equal(retryAfterSeconds, 32)
  await assert.rejects(supervisor.whenReady(never), (error: BackendError) => error.reason === 'model_unavailable' && error.retryAfterSeconds === 32)
})

test('forgets earlier crashes after a minute of good work', async (t) => {
  const { engines, last, pass, settle } = await supervise(t)
  for (let crash = 0; crash < 4; crash++) {
    last().load()
    last().die('was ended by SIGSEGV')
    await settle()
    await pass(4000)
  }
  last().load()
  await pass(61_000, () => last().beat())
  last().die('was ended by SIGSEGV')
  await settle()
  const before = engines.length
  await pass(500)
  assert.equal(engines.length, before + 1)
})

test('kills an engine without a heartbeat', async (t) => {
  const { engines, last, pass } = await supervise(t)
  last().load()
  await pass(4000, () => last().beat())
  assert.equal(engines[0]!.isKilled, false)
  await pass(6000)
  assert.equal(engines[0]!.isKilled, true)
})

test('kills an engine that beats but makes no progress with a generation', async (t) => {
  const { engines, last, pass } = await supervise(t)
  last().load()
  await pass(20_000, () => last().beat(0, 7))
  assert.equal(engines[0]!.isKilled, false, 'idle is no lack of progress')
  await pass(6000, () => engines[0]!.beat(1, 8))
  assert.equal(engines[0]!.isKilled, false)
  await pass(4000, () => engines[0]!.beat(1, 8))
  assert.equal(engines[0]!.isKilled, true)
})

test('kills an engine that loads for ever', async (t) => {
  const { supervisor, engines, pass, last } = await supervise(t)
  await pass(21_000, () => last().beat())
  assert.equal(engines[0]!.isKilled, true)
  assert.match(supervisor.state().reason!, /did not finish loading within 20 s/)
})

test('tells why loading failed and fails requests at once until the next try', async (t) => {
  const { supervisor, engines, last, pass, settle } = await supervise(t)
  last().say({ type: 'load-failed', message: 'Too little memory', isOutOfMemory: true, isModelSuspect: false })
  await settle()
  assert.equal(supervisor.state().status, 'failed')
  assert.match(supervisor.state().reason!, /could not be loaded: Too little memory/)
  await assert.rejects(supervisor.whenReady(never), (error: BackendError) => error.reason === 'out_of_memory')
  await pass(1000)
  assert.equal(engines.length, 2)
  assert.match(supervisor.state().reason!, /is loading.*Before: .*Too little memory/)
})

test('starts no engine for a file that is no model, and looks again later', async (t) => {
  let looks = 0
  const { supervisor, engines, pass } = await supervise(t, async () => {
    if (++looks < 3) throw new Error('m.gguf is empty. Download it again.')
  })
  assert.equal(engines.length, 0)
  assert.match(supervisor.state().reason!, /m\.gguf is empty/)
  await pass(4000)
  assert.equal(engines.length, 1)
})

test('starts nothing after it was closed', async (t) => {
  const { supervisor, engines, pass } = await supervise(t)
  await supervisor.close()
  await pass(5000)
  assert.equal(engines.length, 1)
  assert.equal(engines[0]!.isKilled, true)
  await assert.rejects(supervisor.whenReady(never), /shutting down/)
})
