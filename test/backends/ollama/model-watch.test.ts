import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { OllamaBackend, OllamaBackendOptions } from '../../../src/backends/ollama/backend.ts'
import type { Log } from '../../../src/observability/log.ts'
import { ManualClock } from '../../support/clock.ts'
import { FakeOllama, fakeOllama, serverBusy } from '../../support/fake-ollama.ts'
import type { FakeChat } from '../../support/fake-ollama.ts'
import { backendAt, collect, hi, never, until } from './ollama.ts'

type Watched = { backend: OllamaBackend, pass: (ms: number) => void, becomes: (status: string, reason?: RegExp) => Promise<void>, warnings: string[] }

/** A started backend whose time is moved by hand. */
function watch(t: TestContext, url: string, options: Partial<OllamaBackendOptions> = {}): Watched {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] })
  const clock = new ManualClock()
  const warnings: string[] = []
  const log = { debug: () => undefined, info: () => undefined, error: () => undefined, warn: (_: unknown, message: string) => void warnings.push(message) } as unknown as Log
  const backend = backendAt(t, url, { clock, log, ...options })
  backend.start()
  const pass = (ms: number) => {
    clock.advance(ms)
    t.mock.timers.tick(ms)
  }
  const becomes = async (status: string, reason = /^/) => {
    await until(() => backend.state().status === status && reason.test(backend.state().reason ?? ''), `${status} ${reason.source}, but ${JSON.stringify(backend.state())}`)
  }
  return { backend, pass, becomes, warnings }
}

test('is loading until Ollama has the model in memory, then ready with its measured size', async (t) => {
  const ollama = await fakeOllama(t)
  const { promise: loaded, resolve: finishLoading } = Promise.withResolvers<void>()
  ollama.load = () => loaded
  const { backend, becomes } = watch(t, ollama.url)
  assert.equal(backend.state().status, 'loading')
  await until(() => ollama.loads.length === 1, 'a load')
  assert.equal(backend.state().status, 'loading')
  finishLoading()
  await becomes('ready')
  assert.deepEqual(backend.state(), { status: 'ready', model: 'hermes3:3b', memoryUsageMb: 3000 })
})

test('loads with the options of requests, so that the first one does not load again', async (t) => {
  const ollama = await fakeOllama(t)
  const { becomes } = watch(t, ollama.url)
  await becomes('ready')
  assert.deepEqual(ollama.loads, [{ model: 'hermes3:3b', truncate: false, shift: false, keep_alive: -1, messages: [], stream: false, options: { num_ctx: 2048 } }])
})

test('is not yet ready while Ollama lists a model that still loads', async (t) => {
  const ollama = await fakeOllama(t)
  const { promise: loaded, resolve: finishLoading } = Promise.withResolvers<void>()
  ollama.load = () => loaded
  const { backend, pass, becomes } = watch(t, ollama.url)
  await until(() => ollama.loads.length === 1, 'a load')
  ollama.running = [{ name: 'hermes3:3b' }]
  const looks = ollama.paths.length
  pass(10_000)
  await until(() => ollama.paths.length >= looks + 2, 'another look')
  assert.equal(backend.state().status, 'loading')
  finishLoading()
  await becomes('ready')
  assert.equal(ollama.loads.length, 1)
})

test('finds a model under Ollama’s full name for it', async (t) => {
  const ollama = await fakeOllama(t)
  ollama.stored = [{ name: 'Hermes3:latest' }]
  ollama.running = [{ name: 'Hermes3:latest' }]
  const { becomes } = watch(t, ollama.url, { model: 'hermes3' })
  await becomes('ready')
})

test('a model that was not pulled: says how to pull it, and loads it when it is there', async (t) => {
  const ollama = await fakeOllama(t)
  ollama.stored = []
  const { pass, becomes } = watch(t, ollama.url)
  await becomes('failed', /Run `ollama pull hermes3:3b`/)
  assert.equal(ollama.loads.length, 0)
  ollama.stored = [{ name: 'hermes3:3b' }]
  pass(10_000)
  await becomes('ready')
})

test('a server that is away: says where, asks again with growing pauses, and loads the model when it is back', async (t) => {
  const ollama = new FakeOllama()
  await ollama.listen()
  t.after(() => ollama.stop())
  const { url } = ollama
  const port = Number(new URL(url).port)
  await ollama.stop()
  const { backend, pass, becomes } = watch(t, url)
  await becomes('failed', new RegExp(`not reachable at ${url} .*ollama serve`))
  const pauses = new Set<number | undefined>()
  await until(() => {
    pass(500)
    pauses.add(backend.state().retryAfterSeconds)
    return pauses.has(10)
  }, 'pauses of 10 s')
  assert.deepEqual([...pauses], [1, 2, 4, 8, 10])
  await ollama.listen(port)
  pass(10_000)
  await becomes('ready')
  assert.equal(ollama.loads.length, 1)
})

test('notices that Ollama goes away and comes back without the model, which it loads again', async (t) => {
  const ollama = await fakeOllama(t)
  const port = Number(new URL(ollama.url).port)
  const { pass, becomes } = watch(t, ollama.url)
  await becomes('ready')
  await ollama.stop()
  pass(10_000)
  await becomes('failed', /not reachable/)
  ollama.running = []
  await ollama.listen(port)
  pass(10_000)
  await becomes('ready')
  assert.equal(ollama.loads.length, 2)
})

test('loads a model again that another one drove out of memory', async (t) => {
  const ollama = await fakeOllama(t)
  const { pass, becomes } = watch(t, ollama.url)
  await becomes('ready')
  ollama.running = []
  pass(10_000)
  await until(() => ollama.loads.length === 2, 'a second load')
  await becomes('ready')
})

test('an idle model that its keep-alive dropped can still answer; a request loads it without hanging on its caller', async (t) => {
  const ollama = await fakeOllama(t)
  const { backend, pass, becomes } = watch(t, ollama.url, { keepAliveSeconds: 300 })
  await becomes('ready')
  ollama.running = []
  pass(10_000)
  await until(() => backend.state().memoryUsageMb === undefined, 'it knows that the model is not in memory')
  assert.deepEqual(backend.state(), { status: 'ready', model: 'hermes3:3b' })
  assert.equal(ollama.loads.length, 1)
  pass(1000)
  assert.equal((await collect(backend.generate(hi, never))).error, undefined)
  await until(() => ollama.loads.length === 2, 'a load of its own')
})

test('never loads a model that is not to stay: with keep_alive 0 that would be an unload', async (t) => {
  const ollama = await fakeOllama(t)
  const { backend, becomes } = watch(t, ollama.url, { keepAliveSeconds: 0 })
  await becomes('ready')
  await collect(backend.generate(hi, never))
  assert.equal(ollama.loads.length, 0)
})

test('a load that fails: says so, and tries again later and later', async (t) => {
  const ollama = await fakeOllama(t)
  let trouble: FakeChat | undefined = { status: 500, error: 'model requires more system memory (5.6 GiB) than is available (2.1 GiB)' }
  ollama.load = async () => trouble
  const { pass, becomes } = watch(t, ollama.url)
  await becomes('failed', /could not be loaded: .*memory.*smaller model.* Next try in 10 s/)
  pass(10_000)
  await becomes('failed', /Next try in 20 s/)
  assert.equal(ollama.loads.length, 2)
  trouble = undefined
  pass(10_000)
  await becomes('failed', /Next try in 10 s/)
  assert.equal(ollama.loads.length, 2)
  pass(10_000)
  await becomes('ready')
})

test('a busy server is not a failed one', async (t) => {
  const ollama = await fakeOllama(t)
  ollama.load = async () => serverBusy
  const { becomes } = watch(t, ollama.url)
  await becomes('loading', /busy/)
})

test('a model of another machine gets no prompt', async (t) => {
  const ollama = await fakeOllama(t)
  ollama.stored = [{ name: 'hermes3:3b', remote_host: 'https://ollama.com:443' }]
  const { backend, becomes } = watch(t, ollama.url)
  await becomes('failed', /answered by https:\/\/ollama\.com/)
  const { error } = await collect(backend.generate(hi, never))
  assert.equal(error?.reason, 'model_unavailable')
  assert.deepEqual([ollama.chats.length, ollama.loads.length], [0, 0])
})

test('tells the context that the model really has when it is shorter, and warns once', async (t) => {
  const ollama = await fakeOllama(t)
  ollama.running = [{ name: 'hermes3:3b', context_length: 1024 }]
  const { backend, pass, becomes, warnings } = watch(t, ollama.url)
  await becomes('ready')
  assert.equal(backend.capabilities.contextLength, 1024)
  const looks = ollama.paths.length
  pass(10_000)
  await until(() => ollama.paths.length > looks, 'another look')
  assert.equal(warnings.filter((message) => message.includes('shorter context')).length, 1)
})

test('a longer context than configured changes nothing', async (t) => {
  const ollama = await fakeOllama(t)
  ollama.running = [{ name: 'hermes3:3b', context_length: 8192 }]
  const { backend, becomes, warnings } = watch(t, ollama.url)
  await becomes('ready')
  assert.equal(backend.capabilities.contextLength, 2048)
  assert.deepEqual(warnings, [])
})

test('an answer shows that it is ready, a failure that it is not, without another look', async (t) => {
  const ollama = await fakeOllama(t)
  const backend = backendAt(t, ollama.url)
  assert.equal(backend.state().status, 'loading')
  await collect(backend.generate(hi, never))
  assert.equal(backend.state().status, 'ready')
  ollama.script.push({ status: 404, error: "model 'hermes3:3b' not found" })
  await collect(backend.generate(hi, never))
  assert.match(backend.state().reason!, /ollama pull/)
  ollama.script.push({ status: 500, error: 'boom' })
  await collect(backend.generate(hi, never))
  await collect(backend.generate(hi, never))
  assert.equal(backend.state().status, 'ready')
  ollama.script.push({ status: 500, error: 'boom' })
  await collect(backend.generate(hi, never))
  assert.equal(backend.state().status, 'ready')
})

test('answers while it is still loading: a request just asks', async (t) => {
  const ollama = await fakeOllama(t)
  ollama.load = () => new Promise(() => undefined)
  const { backend } = watch(t, ollama.url)
  await until(() => ollama.loads.length === 1, 'a load')
  const { error } = await collect(backend.generate(hi, never))
  assert.equal(error, undefined)
  assert.equal(backend.state().status, 'ready')
})

test('a closed backend looks no more', async (t) => {
  const ollama = await fakeOllama(t)
  const { backend, pass, becomes } = watch(t, ollama.url)
  await becomes('ready')
  await backend.close()
  const looks = ollama.paths.length
  pass(60_000)
  await until(() => ollama.openConnections === 0, 'connections close')
  assert.equal(ollama.paths.length, looks)
  assert.deepEqual(backend.state(), { status: 'failed', model: 'hermes3:3b', reason: 'Switch is shutting down.' })
})
