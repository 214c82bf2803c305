// From one model to another at run time: beside each other, one after the other, and back when the new one fails.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { LlamaCppBackend } from '../../../src/backends/llama-cpp/backend.ts'
import { defaultPatience } from '../../../src/backends/llama-cpp/supervision/engine-watch.ts'
import type { ModelChangeError, ModelChangeReason } from '../../../src/backends/model-change-error.ts'
import { systemClock } from '../../../src/inference/clock.ts'
import { BackendError } from '../../../src/inference/failure.ts'
import { MemoryBudget } from '../../../src/models/memory-budget.ts'
import { MemoryClaim } from '../../../src/models/memory-claim.ts'
import { ask, embeddedModel, engineSettings, fakeEngines, never, read } from '../../support/engine.ts'
import type { FakeEngine } from '../../support/engine.ts'
import { modelFile, sevenBillion } from '../../support/gguf-file.ts'
import { silentLogger, temporaryFolder, until } from '../../support/service.ts'

const fit = { contextLength: 512, slots: 1, batchSize: 128, kvCache: 'f16', hasFlashAttention: true, hasMmap: true, adapterBytes: 0 } as const

/** Engines of models "one" and "two", each of which takes some 165 MB. */
async function twoModels(t: TestContext, { mb = 1000, first = 'one', large = '' } = {}) {
  const files: Record<string, string> = { one: embeddedModel, two: `/${embeddedModel}`, missing: '/nowhere/missing.gguf', large }
  const { engines, start } = fakeEngines()
  const budget = new MemoryBudget({ mb, source: 'HERMES_MAX_MEMORY_MB' })
  const folder = temporaryFolder(t)
  const backend = new LlamaCppBackend({
    name: 'hermes', slots: 2, contextLength: 512, keepAliveSeconds: -1,
    choice: first in files ? { name: first, path: files[first]!, isEmbedded: false } : { name: first, problem: `Model ${first} was not found.` },
    source: {
      find: (name = 'one') => name in files ? { name, path: files[name]!, isEmbedded: false } : { name, problem: `Model ${name} was not found.` },
      prepare: ({ name, path }) => {
        const claim = new MemoryClaim({ name: 'hermes', path, folder, fit, budget })
        return { backend: 'hermes', model: name, settings: { ...engineSettings, modelPath: path }, start, checkModel: (other) => claim.take(other), claim, patience: defaultPatience, clock: systemClock, log: silentLogger }
      }
    }
  })
  t.after(() => backend.close())
  const started = (count: number) => until(() => engines.length >= count && engines[count - 1]!, () => `engine ${count} was not started: ${JSON.stringify(backend.state())}`)
  const begun = (engine: FakeEngine, count = 1) => until(() => engine.received.filter(({ type }) => type === 'generate').length >= count)
  return { backend, budget, engines, started, begun }
}

function finish(engine: FakeEngine): void {
  for (const message of engine.received) {
    if (message.type === 'generate') engine.say({ type: 'steps', steps: [{ type: 'event', id: message.id, event: { type: 'finish', reason: 'stop' } }, { type: 'ended', id: message.id }] })
  }
}

/** The model that answered. */
async function answerer(backend: LlamaCppBackend): Promise<string | undefined> {
  let model: string | undefined
  for await (const event of backend.generate(ask('Hi'), never)) if (event.type === 'finish') model = event.model
  return model
}

function isChangeError(reason: ModelChangeReason, message: RegExp) {
  return (error: ModelChangeError) => {
    assert.equal(error.reason, reason, error.message)
    assert.match(error.message, message)
    return true
  }
}

test('where memory allows both, the old model answers until the new one is ready, and then ends', async (t) => {
  const { backend, started, begun, budget } = await twoModels(t)
  const one = await started(1)
  one.load()
  const before = answerer(backend)
  await begun(one)
  const changed = backend.load('two')
  const two = await started(2)
  two.say({ type: 'load-progress', progress: 0.5 })
  const { status, model, next } = backend.state()
  assert.deepEqual({ status, model, next }, { status: 'ready', model: 'one', next: { model: 'two', loadProgress: 0.5 } })
  const meanwhile = answerer(backend)
  await begun(one, 2)
  two.load()
  await changed
  assert.equal(backend.state().model, 'two')
  const after = answerer(backend)
  await begun(two)
  assert.equal(one.isKilled, false, 'it still answers')
  finish(one)
  finish(two)
  assert.deepEqual(await Promise.all([before, meanwhile, after]), ['one', 'one', 'two'])
  await until(() => one.isKilled)
  await until(() => budget.freeMb > 1000 - 2 * 165)
})

test('where memory allows one alone, the old model finishes its requests and ends, new ones wait for the new model', async (t) => {
  const { backend, started, begun, engines, budget } = await twoModels(t, { mb: 250 })
  const one = await started(1)
  one.load()
  const before = answerer(backend)
  await begun(one)
  const changed = backend.load('two')
  await until(() => backend.state().status === 'unloading')
  assert.match(backend.state().reason!, /one gives way to two; requests wait/)
  const meanwhile = answerer(backend)
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual([engines.length, one.received.filter(({ type }) => type === 'generate').length], [1, 1])
  finish(one)
  const two = await started(2)
  assert.equal(one.isKilled, true)
  assert.deepEqual([backend.state().status, backend.state().model], ['loading', 'two'])
  two.load()
  await changed
  await begun(two)
  finish(two)
  assert.deepEqual(await Promise.all([before, meanwhile]), ['one', 'two'])
  await backend.close()
  assert.equal(budget.freeMb, 250)
})

test('when the new model fails to load, the old one is loaded again and answers those who waited', async (t) => {
  const { backend, started, begun, budget } = await twoModels(t, { mb: 250 })
  const one = await started(1)
  one.load()
  await until(() => backend.state().status === 'ready')
  const changed = backend.load('two')
  changed.catch(() => undefined)
  const two = await started(2)
  const waiting = answerer(backend)
  two.say({ type: 'load-failed', message: 'It is damaged.', isOutOfMemory: false, isModelSuspect: true })
  const again = await started(3)
  again.load()
  await assert.rejects(changed, isChangeError('failed', /^Model two could not be loaded: It is damaged; the file may be damaged .*\. one stays\.$/))
  await begun(again)
  finish(again)
  assert.equal(await waiting, 'one')
  assert.deepEqual([backend.state().status, backend.state().model], ['ready', 'one'])
  await backend.close()
  assert.equal(budget.freeMb, 250)
})

test('when a new model beside the old one fails, the old one has never stopped', async (t) => {
  const { backend, started, engines } = await twoModels(t)
  const one = await started(1)
  one.load()
  await until(() => backend.state().status === 'ready')
  const changed = backend.load('two')
  changed.catch(() => undefined)
  const two = await started(2)
  two.die('was ended by SIGSEGV')
  await assert.rejects(changed, isChangeError('failed', /two could not be loaded: the engine was ended by SIGSEGV.*one stays\.$/))
  assert.deepEqual([one.isKilled, engines.length, backend.state().model, backend.state().next], [false, 2, 'one', undefined])
})

test('a model that would not fit even alone is refused with the numbers, and nothing is stopped', async (t) => {
  const { backend, started, engines } = await twoModels(t, { mb: 250, large: modelFile(t, sevenBillion) })
  const one = await started(1)
  one.load()
  await until(() => backend.state().status === 'ready')
  await assert.rejects(backend.load('large'), isChangeError('does_not_fit', /^Model large could not be loaded: it needs \d+ MB \(\d+ for weights, .*\), but the limit is 250 MB \(HERMES_MAX_MEMORY_MB\)\. .*one stays\.$/))
  assert.deepEqual([one.isKilled, engines.length, backend.state().status], [false, 1, 'ready'])
})

test('a file that is not there is refused, and nothing is stopped', async (t) => {
  const { backend, started, engines } = await twoModels(t)
  const one = await started(1)
  one.load()
  await until(() => backend.state().status === 'ready')
  await assert.rejects(backend.load('missing'), isChangeError('failed', /missing could not be loaded: .*one stays\.$/))
  assert.deepEqual([one.isKilled, engines.length, backend.state().status], [false, 1, 'ready'])
})

test('two loads of the same model are one; another one meanwhile is told to wait', async (t) => {
  const { backend, started, engines } = await twoModels(t)
  const one = await started(1)
  one.load()
  await until(() => backend.state().status === 'ready')
  const first = backend.load('two')
  const second = backend.load('two')
  await assert.rejects(backend.load('one'), isChangeError('busy', /hermes is loading two at the moment\./))
  await assert.rejects(backend.unload(), isChangeError('busy', /loading two/))
  ;(await started(2)).load()
  await Promise.all([first, second])
  assert.equal(engines.length, 2)
  await backend.load('two')
  assert.equal(engines.length, 2, 'it is there already')
})

test('an unknown model is told at once', async (t) => {
  const { backend } = await twoModels(t)
  await assert.rejects(backend.load('three'), isChangeError('unknown', /Model three was not found\./))
})

test('a backend without a model gets one by load, and says until then what is missing', async (t) => {
  const { backend, started, begun } = await twoModels(t, { first: 'none' })
  assert.deepEqual([backend.state().status, backend.state().model], ['failed', 'none'])
  await assert.rejects(answerer(backend), (error: BackendError) => error.reason === 'model_unavailable' && /was not found/.test(error.message))
  const loaded = backend.load()
  const one = await started(1)
  one.load()
  await loaded
  const answer = answerer(backend)
  await begun(one)
  finish(one)
  assert.equal(await answer, 'one')
})

test('a request that waits through a change ends with its signal', async (t) => {
  const { backend, started } = await twoModels(t, { mb: 250 })
  const one = await started(1)
  one.load()
  await until(() => backend.state().status === 'ready')
  const changed = backend.load('two')
  await started(2)
  const controller = new AbortController()
  const waiting = read(backend.generate(ask('Hi'), controller.signal))
  controller.abort(new Error('enough'))
  await assert.rejects(waiting, /enough/)
  changed.catch(() => undefined)
})

test('closed in the middle of a change, both engines end and waiting requests fail', async (t) => {
  const { backend, started, budget } = await twoModels(t)
  const one = await started(1)
  one.load()
  await until(() => backend.state().status === 'ready')
  const changed = backend.load('two')
  changed.catch(() => undefined)
  const two = await started(2)
  await backend.close()
  await assert.rejects(changed)
  assert.deepEqual([one.isKilled, two.isKilled, budget.freeMb], [true, true, 1000])
})
