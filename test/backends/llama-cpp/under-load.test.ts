import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { LlamaCppBackend } from '../../../src/backends/llama-cpp/backend.ts'
import { defaultPatience } from '../../../src/backends/llama-cpp/supervision/engine-watch.ts'
import { Supervisor } from '../../../src/backends/llama-cpp/supervision/supervisor.ts'
import { readServerEvents } from '../../../src/http/server-events.ts'
import type { ReceivedEvent } from '../../../src/http/server-events.ts'
import { ManualClock } from '../../support/clock.ts'
import { engineSettings, fakeEngines, localBackend } from '../../support/engine.ts'
import { listening } from '../../support/http.ts'
import { build, post, ready, silentLogger, until } from '../../support/service.ts'

const slots = 4
const long = { prompt: 'Count from 1 to 100.', temperature: 0, timeout_seconds: 20 }

/** How a request ended: its answer, or the code and the reason of its error. */
type Ending = { readonly code: string | undefined, readonly reason: string | undefined, readonly status: number }
type Body = { code?: string, attempts?: { reason: string | null }[] }

for (const signal of ['SIGKILL', 'SIGSTOP'] as const) {
  test(`four callers whose engine gets ${signal} have a clean error each, and the next is answered here`, async (t) => {
    const { url, backend } = await service(t)
    const { enginePid } = backend
    const callers = await inTheAir(url)
    process.kill(enginePid!, signal)
    const endings = await Promise.all(callers)
    assert.deepEqual(endings, [
      { status: 200, code: 'SWITCH_STREAM_INTERRUPTED', reason: 'engine_died' },
      { status: 200, code: 'SWITCH_STREAM_INTERRUPTED', reason: 'engine_died' },
      { status: 503, code: 'SWITCH_ROUTE_UNAVAILABLE', reason: 'engine_died' },
      { status: 503, code: 'SWITCH_ROUTE_UNAVAILABLE', reason: 'engine_died' }
    ])
    const next = await (await post(url, { prompt: 'What is the capital of France?', temperature: 0 })).json() as { response: string, source: string }
    assert.deepEqual([next.response, next.source], ['The capital of France is Paris.', 'local_hermes'])
    assert.notEqual(backend.enginePid, enginePid)
    assert.equal((await queueOf(url)).running, 0)
  })
}

test('callers that wait for a slot when the engine is killed are answered by the next engine', async (t) => {
  const { url, backend } = await service(t)
  const callers = await inTheAir(url)
  const waiting = Array.from({ length: slots }, () => post(url, { prompt: 'What is the capital of Peru?', temperature: 0 }))
  await until(async () => (await queueOf(url)).waiting === slots)
  process.kill(backend.enginePid!, 'SIGKILL')
  await Promise.all(callers)
  const answers = await Promise.all(waiting.map(async (response) => (await (await response).json() as { response: string }).response))
  assert.deepEqual(answers, Array.from({ length: slots }, () => 'The capital of Peru is Lima.'))
})

test('a supervisor that was held up itself does not blame the engine', async (t) => {
  const { engines, pass } = await supervise(t)
  engines[0]!.load()
  engines[0]!.beat()
  await pass(60_000, 60_000)
  assert.equal(engines[0]!.isKilled, false, 'the minute in which nobody watched does not count')
  engines[0]!.beat()
  await pass(defaultPatience.heartbeatMs + 500, 500)
  assert.equal(engines[0]!.isKilled, true, 'watched silence does')
})

test('an engine that loads may be silent for longer than one that is ready', async (t) => {
  const { engines, pass } = await supervise(t)
  await pass(defaultPatience.heartbeatMs * 3, 500)
  assert.equal(engines[0]!.isKilled, false)
  await pass(defaultPatience.heartbeatMs * 3, 500)
  assert.equal(engines[0]!.isKilled, true)
})

/** A listening service over the real engine, ready. A heartbeat comes twice a second. */
async function service(t: TestContext): Promise<{ url: string, backend: LlamaCppBackend }> {
  const backend = localBackend(t, { settings: { slots }, patience: { ...defaultPatience, heartbeatMs: 2000 } })
  const url = await listening(await build(t, { backends: [backend] }))
  await ready(url)
  return { url, backend }
}

/** Two streamed and two plain requests, all of them being answered. @returns their endings to come */
async function inTheAir(url: string): Promise<Promise<Ending>[]> {
  const plain = [post(url, long), post(url, long)]
  const streamed = await Promise.all([begin(url), begin(url)])
  await until(async () => (await queueOf(url)).running === slots)
  return [...streamed.map(endOfStream), ...plain.map(endOf)]
}

/** A stream whose first event has come. */
async function begin(url: string): Promise<AsyncGenerator<ReceivedEvent>> {
  const events = readServerEvents((await post(url, { ...long, stream: true })).body!)
  await events.next()
  return events
}

async function endOfStream(events: AsyncGenerator<ReceivedEvent>): Promise<Ending> {
  return endingOf(200, (await Array.fromAsync(events)).at(-1)!.data as Body)
}

async function endOf(asked: Promise<Response>): Promise<Ending> {
  const response = await asked
  return endingOf(response.status, await response.json() as Body)
}

function endingOf(status: number, { code, attempts }: Body): Ending {
  return { status, code, reason: attempts?.[0]?.reason ?? undefined }
}

async function queueOf(url: string): Promise<{ running: number, waiting: number }> {
  return (await (await fetch(`${url}/switch/health`)).json() as { queue: { running: number, waiting: number } }).queue
}

/** A supervisor of fake engines. `pass` lets time go by, seen by its timers only every `stepMs`. */
async function supervise(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] })
  const clock = new ManualClock()
  const { engines, start } = fakeEngines()
  const supervisor = new Supervisor({ backend: 'hermes', model: 'm', settings: engineSettings, start, checkModel: async () => undefined, patience: defaultPatience, clock, log: silentLogger })
  t.after(() => supervisor.close())
  supervisor.start()
  const settle = () => new Promise((resolve) => { setImmediate(resolve) })
  await settle()
  const pass = async (ms: number, stepMs: number) => {
    for (let passed = 0; passed < ms; passed += stepMs) {
      clock.advance(stepMs)
      t.mock.timers.tick(500)
      await settle()
    }
  }
  return { engines, pass }
}
