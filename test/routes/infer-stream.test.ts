// POST /switch/infer with "stream": true: which events come, in which order, and what ends when the caller leaves.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { BackendError, CallerGone } from '../../src/inference/failure.ts'
import { textOf } from '../../src/inference/message-text.ts'
import type { Attempt } from '../../src/inference/receipt.ts'
import type { InferenceEvent, InferenceRequest } from '../../src/inference/request.ts'
import { answer, fakeBackend, silence } from '../support/backends.ts'
import type { FakeBackendOptions } from '../support/backends.ts'
import { errorOf, eventsOf, infer, listening } from '../support/http.ts'
import { build, post, until } from '../support/service.ts'

const died = () => new BackendError('hermes', 'engine_died', 'The local engine died.')

/** One fake backend that does `generate`. */
const doing = (generate: NonNullable<FakeBackendOptions['generate']>) => ({ backends: [fakeBackend({ generate })] })

test('a stream is deltas and then done, whose response is their text and whose fields are those of the JSON answer', async (t) => {
  const app = await build(t, doing(() => answer('Paris', ' is', ' big.')))
  const response = await infer(app, { prompt: 'Hi', stream: true }, { 'x-request-id': 'one' })
  assert.equal(response.statusCode, 200)
  assert.match(String(response.headers['content-type']), /^text\/event-stream/)
  assert.match(String(response.headers['cache-control']), /no-cache/)
  assert.equal(response.headers['x-request-id'], 'one')
  const events = eventsOf(response.body)
  assert.deepEqual(events.slice(0, -1), ['Paris', ' is', ' big.'].map((text) => ({ event: 'delta', data: { text } })))
  const { event, data } = events.at(-1)!
  assert.equal(event, 'done')
  const done = data as Record<string, unknown>
  assert.equal(done['response'], 'Paris is big.')
  assert.deepEqual(done['usage'], { prompt_tokens: 3, completion_tokens: 3, total_tokens: 6 })
  assert.deepEqual(Object.keys(done), Object.keys((await infer(app, { prompt: 'Hi' })).json()))
})

test('stream: false and no stream at all give the JSON answer', async (t) => {
  const app = await build(t)
  for (const body of [{ prompt: 'Hi', stream: false }, { prompt: 'Hi' }]) assert.match(String((await infer(app, body)).headers['content-type']), /^application\/json/)
})

test('an answer without a word is done alone', async (t) => {
  const app = await build(t, doing(() => answer()))
  const events = eventsOf((await infer(app, { prompt: 'Hi', stream: true })).body)
  assert.deepEqual(events.map(({ event }) => event), ['done'])
  assert.equal((events[0]!.data as Record<string, unknown>)['response'], '')
})

test('reasoning comes in deltas of its own and stays out of response', async (t) => {
  const app = await build(t, doing(async function* () {
    yield { type: 'reasoning', text: 'It is ' }
    yield { type: 'reasoning', text: 'a greeting.' }
    yield* answer('Hello')
  }))
  const events = eventsOf((await infer(app, { prompt: 'Hi', stream: true })).body)
  assert.deepEqual(events.slice(0, -1).map(({ data }) => data), [{ reasoning: 'It is ' }, { reasoning: 'a greeting.' }, { text: 'Hello' }])
  const { response, reasoning } = events.at(-1)!.data as Record<string, unknown>
  assert.deepEqual({ response, reasoning }, { response: 'Hello', reasoning: 'It is a greeting.' })
})

test('line breaks and other separators in a text do not break the events', async (t) => {
  const texts = ['a\n\nb', '\r\ndata: x', '\u2028\u2029\0', 'event: done\n']
  const app = await build(t, doing(() => answer(...texts)))
  const events = eventsOf((await infer(app, { prompt: 'Hi', stream: true })).body)
  assert.deepEqual(events.slice(0, -1).map(({ data }) => data), texts.map((text) => ({ text })))
  assert.equal((events.at(-1)!.data as Record<string, unknown>)['response'], texts.join(''))
})

test('a body that is wrong gets an ordinary 400 even when it asks for a stream', async (t) => {
  const app = await build(t)
  errorOf(await infer(app, { prompt: '', stream: true }), 400, 'SWITCH_REQUEST_INVALID')
  errorOf(await infer(app, { prompt: 'Hi', model: 'none', stream: true }), 400, 'SWITCH_ROUTE_UNKNOWN')
})

test('a failure before the first delta is an ordinary 503', async (t) => {
  // oxlint-disable-next-line require-yield
  const app = await build(t, doing(async function* () { throw died() }))
  const { source, attempts } = errorOf(await infer(app, { prompt: 'Hi', stream: true }), 503, 'SWITCH_ROUTE_UNAVAILABLE')
  assert.equal(source, 'degraded')
  assert.equal(attempts?.[0]?.reason, 'engine_died')
})

for (const [what, generate] of [
  ['a backend that breaks off', async function* () { yield { type: 'text', text: 'Par' }; throw died() }],
  ['a stream that ends without a finish', async function* () { yield { type: 'text', text: 'Par' } }],
  ['a defect of a backend', async function* () { yield { type: 'text', text: 'Par' }; throw new Error('secret of the engine') }]
] as [string, NonNullable<FakeBackendOptions['generate']>][]) {
  test(`${what} after a delta ends the stream with one error and no done`, async (t) => {
    const app = await build(t, doing(generate))
    const response = await infer(app, { prompt: 'Hi', stream: true })
    assert.equal(response.statusCode, 200)
    const events = eventsOf(response.body)
    assert.deepEqual(events.map(({ event }) => event), ['delta', 'error'])
    const error = events[1]!.data as Record<string, unknown>
    assert.equal(error['code'], 'SWITCH_STREAM_INTERRUPTED')
    assert.equal(error['request_id'], response.headers['x-request-id'])
    assert.match(String(error['error']), /incomplete/)
    assert.equal((error['attempts'] as unknown[]).length, 1)
    assert.ok(!response.body.includes('secret'))
  })
}

test('a deadline that passes after a delta ends the stream with the error of the deadline', async (t) => {
  const app = await build(t, doing(async function* (_request, signal) {
    yield { type: 'text', text: 'Par' }
    yield* silence(signal)
  }))
  const events = eventsOf((await infer(app, { prompt: 'Hi', stream: true, timeout_seconds: 0.2 })).body)
  assert.deepEqual(events.map(({ event }) => event), ['delta', 'error'])
  const { code, error, source } = events[1]!.data as Record<string, unknown>
  assert.deepEqual({ code, error, source }, { code: 'SWITCH_DEADLINE_EXCEEDED', error: 'Model took too long (>0.2s)', source: 'degraded_fallback' })
})

test('a delta is on its way before the next one exists', async (t) => {
  const { promise: told, resolve: tell } = Promise.withResolvers<void>()
  const url = await listening(await build(t, doing(async function* () {
    yield { type: 'text', text: 'first' }
    await told
    yield* answer('second')
  })))
  const response = await post(url, { prompt: 'Hi', stream: true })
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  assert.equal((await reader.read()).value, 'event: delta\ndata: {"text":"first"}\n\n')
  tell()
  let rest = ''
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) rest += piece.value
  assert.deepEqual(eventsOf(rest).map(({ event }) => event), ['delta', 'done'])
})

test('every 10 s of silence a comment is sent, and none while events come', async (t) => {
  const waits = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const app = await build(t, doing(async function* () {
    yield { type: 'text', text: 'a' }
    await waits[0]!.promise
    yield { type: 'text', text: 'b' }
    await waits[1]!.promise
    yield* answer('c')
  }))
  await app.ready()
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const response = await app.inject({ method: 'POST', url: '/switch/infer', payload: { prompt: 'Hi', stream: true, timeout_seconds: 600 }, payloadAsStream: true })
  const received: string[] = []
  response.stream().setEncoding('utf8').on('data', (text: string) => received.push(text.trimEnd()))
  const pass = async (ms: number) => {
    await settle()
    t.mock.timers.tick(ms)
    await settle()
    return received.splice(0)
  }
  const delta = (text: string) => `event: delta\ndata: {"text":"${text}"}`
  assert.deepEqual(await pass(9_999), [delta('a')])
  assert.deepEqual(await pass(1), [': still here'])
  assert.deepEqual(await pass(9_999), [])
  assert.deepEqual(await pass(1), [': still here'])
  assert.deepEqual(await pass(9_000), [])
  waits[0]!.resolve()
  assert.deepEqual(await pass(9_000), [delta('b')])
  waits[1]!.resolve()
  await settle()
  assert.equal(received[0], delta('c'))
  assert.match(received[1]!, /^event: done/)
})

/** Lets everything run that waits for no timer. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await nextTurn()
}

test('a finished stream leaves no timer behind', async (t) => {
  const app = await build(t, doing(() => answer(...Array.from({ length: 50 }, String))))
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
  await app.ready()
  const before = timers()
  await infer(app, { prompt: 'Hi', stream: true })
  assert.ok(timers() < before + 10, `${timers() - before} timers more`)
})

for (const stream of [true, false]) {
  test(`a caller who hangs up while ${stream ? 'the stream' : 'the JSON answer'} is made stops the backend`, async (t) => {
    let silentSince: AbortSignal | undefined
    let isFinished = false
    const app = await build(t, doing(async function* (_request, signal) {
      try {
        yield { type: 'text', text: 'a' }
        silentSince = signal
        yield* silence(signal)
      } finally {
        isFinished = true
      }
    }))
    const url = await listening(app)
    const caller = new AbortController()
    const gone = post(url, { prompt: 'Hi', stream }, { signal: caller.signal }).then((response) => response.text())
    gone.catch(() => undefined)
    const signal = await until(() => silentSince)
    caller.abort()
    await until(() => isFinished)
    assert.ok(signal.reason instanceof CallerGone)
    const line = await until(() => app.lines.find(({ caller_gone }) => caller_gone))
    const [attempt] = line['attempts'] as Attempt[]
    assert.deepEqual({ outcome: attempt!.outcome, reason: attempt!.reason, err: line['err'] }, { outcome: 'cancelled', reason: 'caller_gone', err: undefined })
    assert.equal(app.lines.filter(({ reqId }) => reqId === line['reqId']).length, 1)
  })

  test(`a caller who hangs up while waiting for ${stream ? 'a stream' : 'a JSON answer'} never reaches the backend, and the next one is served`, async (t) => {
    const seen: string[] = []
    const { promise: told, resolve: tell } = Promise.withResolvers<void>()
    const app = await build(t, {
      env: { HERMES_MAX_QUEUE: '1' },
      backends: [fakeBackend({
        async *generate({ messages }: InferenceRequest): AsyncGenerator<InferenceEvent, void> {
          seen.push(textOf(messages[0]!))
          await told
          yield* answer('Hello')
        }
      })]
    })
    const url = await listening(app)
    const waiting = (count: number) => until(async () => (await app.inject('/health')).json().queue_size === count)
    const first = post(url, { prompt: 'first' })
    await until(() => seen.length === 1)
    const leaving = new AbortController()
    const second = post(url, { prompt: 'second', stream }, { signal: leaving.signal })
    await waiting(1)
    leaving.abort()
    await assert.rejects(second)
    await waiting(0)
    const third = post(url, { prompt: 'third', stream })
    await waiting(1)
    tell()
    assert.deepEqual([(await first).status, (await third).status], [200, 200])
    assert.deepEqual(seen, ['first', 'third'])
  })
}

test('a caller who stops reading holds the backend back, and leaving ends it', async (t) => {
  let sent = 0
  let isFinished = false
  const url = await listening(await build(t, doing(async function* () {
    try {
      for (; sent < 2000; sent++) yield { type: 'text', text: 'x'.repeat(64 * 1024) }
      yield { type: 'finish', reason: 'stop' }
    } finally {
      isFinished = true
    }
  })))
  const caller = new AbortController()
  const response = await post(url, { prompt: 'Hi', stream: true }, { signal: caller.signal })
  let before = -1
  await until(() => {
    const isStill = sent === before
    before = sent
    return isStill
  })
  assert.ok(sent < 2000 && !isFinished, `${sent} deltas were made for a caller who reads none`)
  caller.abort()
  await until(() => isFinished)
  assert.ok(sent < 2000)
  await assert.rejects(response.text())
})
