// POST /switch/infer when backends are late, busy, broken or not there.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { BackendError, DeadlinePassed } from '../../src/inference/failure.ts'
import type { FailureReason } from '../../src/inference/failure.ts'
import { textOf } from '../../src/inference/message-text.ts'
import type { Attempt } from '../../src/inference/receipt.ts'
import { answer, fakeBackend, silence } from '../support/backends.ts'
import type { FakeBackendOptions } from '../support/backends.ts'
import { errorOf, infer, listening } from '../support/http.ts'
import { build, post, until } from '../support/service.ts'

/** A backend that fails before its first word. */
function failing(reason: FailureReason, options: FakeBackendOptions & { retryAfterSeconds?: number } = {}) {
  const { retryAfterSeconds, ...rest } = options
  const name = rest.name ?? 'hermes'
  return fakeBackend({
    ...rest,
    // oxlint-disable-next-line require-yield
    async *generate() {
      throw new BackendError(name, reason, `${name} cannot answer. Look after it.`, { retryAfterSeconds })
    }
  })
}

/** A backend whose answers wait until `tell` is called. */
function waitingBackend() {
  const { promise: told, resolve: tell } = Promise.withResolvers<void>()
  let started = 0
  const backend = fakeBackend({
    async *generate() {
      started++
      await told
      yield* answer('Hello')
    }
  })
  return { backend, tell, started: () => started }
}

const outcomes = (attempts: readonly Attempt[] | undefined) => attempts?.map(({ backend, outcome, reason }) => ({ backend, outcome, reason }))

test('a deadline that passes is a 503 that says how long it was, and stops the backend', async (t) => {
  const signals: AbortSignal[] = []
  const app = await build(t, { backends: [fakeBackend({ generate: (_request, signal) => { signals.push(signal); return silence(signal) } })] })
  const response = await infer(app, { prompt: 'Hi', timeout_seconds: 0.2 })
  const { error, source, model, fallback, attempts } = errorOf(response, 503, 'SWITCH_DEADLINE_EXCEEDED')
  assert.equal(error, 'Model took too long (>0.2s)')
  assert.equal(source, 'degraded_fallback')
  assert.equal(model, 'fake-model')
  assert.ok(fallback)
  assert.deepEqual(outcomes(attempts), [{ backend: 'hermes', outcome: 'failed', reason: 'deadline' }])
  assert.ok(attempts![0]!.duration_ms >= 180, String(attempts![0]!.duration_ms))
  assert.ok(signals[0]!.reason instanceof DeadlinePassed)
})

test('HERMES_TIMEOUT is the deadline of a request that names none', async (t) => {
  const app = await build(t, { env: { HERMES_TIMEOUT: '0.1' }, backends: [fakeBackend({ generate: (_request, signal) => silence(signal) })] })
  assert.equal(errorOf(await infer(app, { prompt: 'Hi' }), 503, 'SWITCH_DEADLINE_EXCEEDED').error, 'Model took too long (>0.1s)')
})

test('the deadline is kept when the backend does not let go', async (t) => {
  const { promise: told, resolve: tell } = Promise.withResolvers<void>()
  let calls = 0
  const app = await build(t, {
    backends: [fakeBackend({
      async *generate() {
        if (++calls === 1) await told
        yield* answer('Hello')
      }
    })]
  })
  errorOf(await infer(app, { prompt: 'Hi', timeout_seconds: 0.1 }), 503, 'SWITCH_DEADLINE_EXCEEDED')
  errorOf(await infer(app, { prompt: 'Hi', timeout_seconds: 0.1 }), 503, 'SWITCH_DEADLINE_EXCEEDED')
  assert.equal(calls, 1, 'the slot stays taken until the first generation has ended')
  tell()
  assert.equal((await infer(app, { prompt: 'Hi' })).statusCode, 200)
})

test('a deadline that passes in the queue is told as such, and the backend never hears of it', async (t) => {
  const { backend, tell, started } = waitingBackend()
  const app = await build(t, { backends: [backend] })
  const first = infer(app, { prompt: 'Hi' })
  await until(() => started() === 1)
  const { source, attempts } = errorOf(await infer(app, { prompt: 'Hi', timeout_seconds: 0.1 }), 503, 'SWITCH_DEADLINE_EXCEEDED')
  assert.equal(source, 'degraded_fallback')
  assert.equal(attempts?.[0]?.reason, 'deadline')
  tell()
  assert.equal((await first).statusCode, 200)
  assert.equal(started(), 1)
})

test('a backend that cannot answer is a 503 with its reason, model, fallback and receipt', async (t) => {
  const app = await build(t, { backends: [failing('model_unavailable')] })
  const response = await infer(app, { prompt: 'Hi' })
  const { error, source, model, fallback, attempts } = errorOf(response, 503, 'SWITCH_ROUTE_UNAVAILABLE')
  assert.equal(error, 'hermes cannot answer. Look after it.')
  assert.equal(source, 'degraded')
  assert.equal(model, 'fake-model')
  assert.ok(fallback)
  assert.deepEqual(outcomes(attempts), [{ backend: 'hermes', outcome: 'failed', reason: 'model_unavailable' }])
  assert.equal(response.headers['retry-after'], undefined)
})

test('Retry-After is the backend\'s own time, rounded up to whole seconds', async (t) => {
  const app = await build(t, { backends: [failing('engine_died', { retryAfterSeconds: 2.2 })] })
  assert.equal((await infer(app, { prompt: 'Hi' })).headers['retry-after'], '3')
})

test('Retry-After is the soonest time of several backends', async (t) => {
  const app = await build(t, { backends: [failing('model_unavailable', { name: 'openai', retryAfterSeconds: 60 }), failing('engine_died', { retryAfterSeconds: 4 })] })
  const response = await infer(app, { prompt: 'Hi' })
  assert.equal(response.headers['retry-after'], '4')
  assert.deepEqual(outcomes(errorOf(response, 503, 'SWITCH_ROUTE_UNAVAILABLE').attempts), [
    { backend: 'openai', outcome: 'failed', reason: 'model_unavailable' },
    { backend: 'hermes', outcome: 'failed', reason: 'engine_died' }
  ])
})

test('without any backend the 503 says how to get one', async (t) => {
  const app = await build(t, { env: { HERMES_ENABLE: 'false' }, backends: [] })
  const { error, source, attempts } = errorOf(await infer(app, { prompt: 'Hi' }), 503, 'SWITCH_ROUTE_UNAVAILABLE')
  assert.match(error, /HERMES_ENABLE=true/)
  assert.equal(source, 'degraded')
  assert.deepEqual(attempts, [])
})

test('a prompt longer than every context is a 400 with the numbers', async (t) => {
  const tooLong = 'The prompt has 3000 tokens; the context of fake-model holds 2048.'
  const app = await build(t, {
    // oxlint-disable-next-line require-yield
    backends: [fakeBackend({ async *generate() { throw new BackendError('hermes', 'context_length_exceeded', tooLong) } })]
  })
  const { error, details } = errorOf(await infer(app, { prompt: 'Hi' }), 400, 'SWITCH_REQUEST_CONTEXT_EXCEEDED')
  assert.equal(error, tooLong)
  assert.equal(details?.[0]?.reason, tooLong)
})

test('a defect of a backend is a 503 that keeps its message for the log', async (t) => {
  // oxlint-disable-next-line require-yield
  const app = await build(t, { backends: [fakeBackend({ async *generate() { throw new TypeError('secret of the engine') } })] })
  const response = await infer(app, { prompt: 'Hi' })
  const { attempts } = errorOf(response, 503, 'SWITCH_ROUTE_UNAVAILABLE')
  assert.equal(attempts?.[0]?.reason, 'internal')
  assert.ok(!response.body.includes('secret'), response.body)
  await nextTurn()
  assert.equal((app.lines[0]!['err'] as Error).message, 'secret of the engine')
})

test('an answer without a finish is a 503, never a success', async (t) => {
  const app = await build(t, { backends: [fakeBackend({ async *generate() { yield { type: 'text', text: 'Par' } } })] })
  const response = await infer(app, { prompt: 'Hi' })
  assert.equal(response.statusCode, 503)
  const { source, attempts } = response.json<{ source: string, attempts: Attempt[] }>()
  assert.equal(source, 'degraded')
  assert.equal(attempts[0]!.outcome, 'failed')
})

test('the second backend of the route answers where the first cannot, and the answer says so', async (t) => {
  const app = await build(t, { env: { SWITCH_ROUTE: 'openai,hermes' }, backends: [failing('model_unavailable', { name: 'openai', source: 'openai' }), fakeBackend()] })
  const response = await infer(app, { prompt: 'Hi' })
  assert.equal(response.statusCode, 200)
  const { degraded, source, attempts } = response.json<{ degraded: boolean, source: string, attempts: Attempt[] }>()
  assert.equal(degraded, true)
  assert.equal(source, 'local_hermes')
  assert.deepEqual(outcomes(attempts), [
    { backend: 'openai', outcome: 'failed', reason: 'model_unavailable' },
    { backend: 'hermes', outcome: 'success', reason: null }
  ])
})

test('SWITCH_ROUTE says which backend is asked first', async (t) => {
  const backends = [fakeBackend({ name: 'openai', source: 'openai' }), fakeBackend()]
  for (const [route, source] of [['openai,hermes', 'openai'], ['hermes,openai', 'local_hermes']] as const) {
    const app = await build(t, { env: { SWITCH_ROUTE: route }, backends })
    const body = (await infer(app, { prompt: 'Hi' })).json<{ degraded: boolean, source: string, attempts: Attempt[] }>()
    assert.deepEqual({ degraded: body.degraded, source: body.source, attempts: body.attempts.length }, { degraded: false, source, attempts: 1 })
  }
})

test('a full queue moves the request on to the next backend', async (t) => {
  const { backend: hermes, tell, started } = waitingBackend()
  const openai = { ...hermes, name: 'openai', source: 'openai' }
  const app = await build(t, { env: { HERMES_MAX_QUEUE: '0' }, backends: [openai, fakeBackend()] })
  const first = infer(app, { prompt: 'Hi' })
  await until(() => started() === 1)
  const body = (await infer(app, { prompt: 'Hi' })).json<{ degraded: boolean, attempts: Attempt[] }>()
  assert.equal(body.degraded, true)
  assert.deepEqual(outcomes(body.attempts)?.[0], { backend: 'openai', outcome: 'failed', reason: 'queue_full' })
  tell()
  await first
})

for (const places of [0, 1, 3]) {
  test(`HERMES_MAX_QUEUE=${places} lets ${places} wait and turns the next one away with a time`, async (t) => {
    const { backend, tell, started } = waitingBackend()
    const app = await build(t, { env: { HERMES_MAX_QUEUE: String(places) }, backends: [backend] })
    const served = Array.from({ length: 1 + places }, () => infer(app, { prompt: 'Hi' }))
    await until(async () => started() === 1 && (await app.inject('/health')).json().queue_size === places)
    for (const stream of [false, true]) {
      const response = await infer(app, { prompt: 'Hi', stream })
      const { error } = errorOf(response, 429, 'SWITCH_QUEUE_FULL')
      assert.match(error, new RegExp(`${places} requests are waiting`))
      assert.match(String(response.headers['retry-after']), /^[1-9]\d*$/)
    }
    tell()
    for (const response of await Promise.all(served)) assert.equal(response.statusCode, 200)
    assert.equal((await infer(app, { prompt: 'Hi' })).statusCode, 200)
  })
}

test('Retry-After grows with the queue and shrinks with quick service', async (t) => {
  let quick = true
  const { promise: told, resolve: tell } = Promise.withResolvers<void>()
  const retryAfter = async (places: number, warmUps: number) => {
    quick = true
    const app = await build(t, {
      env: { HERMES_MAX_QUEUE: String(places) },
      backends: [fakeBackend({
        async *generate() {
          if (!quick) await told
          yield* answer('Hello')
        }
      })]
    })
    for (let i = 0; i < warmUps; i++) await infer(app, { prompt: 'Hi' })
    quick = false
    const held = Array.from({ length: 1 + places }, () => infer(app, { prompt: 'Hi' }))
    await until(async () => (await app.inject('/switch/health')).json().queue.waiting === places)
    const seconds = Number((await infer(app, { prompt: 'Hi' })).headers['retry-after'])
    return { seconds, held }
  }
  const short = await retryAfter(1, 0)
  const long = await retryAfter(9, 0)
  const practised = await retryAfter(9, 30)
  assert.ok(long.seconds > short.seconds, `${long.seconds} > ${short.seconds}`)
  assert.ok(practised.seconds < long.seconds, `${practised.seconds} < ${long.seconds}`)
  tell()
  await Promise.all([...short.held, ...long.held, ...practised.held])
})

for (const maxConcurrent of [1, 3]) {
  test(`of ten times more callers than there are places each is answered or turned away, ${maxConcurrent} at once`, async (t) => {
    let running = 0
    let most = 0
    let worked = 0
    const app = await build(t, {
      env: { HERMES_MAX_QUEUE: '8' },
      backends: [fakeBackend({
        maxConcurrent,
        async *generate() {
          most = Math.max(most, ++running)
          await sleep(5)
          running--
          worked++
          yield* answer('Hello')
        }
      })]
    })
    const url = await listening(app)
    const callers = 10 * (8 + maxConcurrent)
    const statuses = await Promise.all(Array.from({ length: callers }, async () => {
      const response = await post(url, { prompt: 'Hi' })
      const body = await response.json() as { response?: string, code?: string }
      assert.equal(response.status === 200 ? body.response : body.code, response.status === 200 ? 'Hello' : 'SWITCH_QUEUE_FULL')
      return response.status
    }))
    const count = (status: number) => statuses.filter((one) => one === status).length
    assert.equal(count(200) + count(429), callers)
    assert.ok(count(200) >= 8 + maxConcurrent, `${count(200)} were served`)
    assert.ok(count(429) > 0)
    assert.equal(worked, count(200))
    assert.equal(most, maxConcurrent)
    const { queue } = (await app.inject('/switch/health')).json<{ queue: unknown }>()
    assert.deepEqual(queue, { running: 0, waiting: 0, expected_wait_ms: 0 })
  })
}

test('a lower priority number is served first, and equal ones in order of arrival', async (t) => {
  const seen: string[] = []
  const { promise: told, resolve: tell } = Promise.withResolvers<void>()
  const app = await build(t, {
    backends: [fakeBackend({
      async *generate({ messages }) {
        seen.push(textOf(messages[0]!))
        await told
        yield* answer('Hello')
      }
    })]
  })
  const all = []
  const callers = [['running', 9], ['nobody', undefined], ['hijas', 'hijas'], ['last', 9], ['shub', 'shub'], ['operator', 'operator'], ['tentaculo', 'tentaculo_link'], ['madre', 'madre'], ['zero', 0]] as const
  for (const [prompt, priority] of callers) {
    all.push(infer(app, { prompt, priority }))
    await until(async () => (await app.inject('/health')).json().queue_size === all.length - 1 && seen.length === 1)
  }
  tell()
  await Promise.all(all)
  assert.deepEqual(seen, ['running', 'shub', 'zero', 'operator', 'tentaculo', 'madre', 'hijas', 'nobody', 'last'])
})

test('a backend that fails before its stream begins gives its slot back', async (t) => {
  let calls = 0
  const app = await build(t, { backends: [fakeBackend({ generate: () => { if (++calls === 1) throw new Error('defect'); return answer('Hello') } })] })
  assert.equal((await infer(app, { prompt: 'Hi' })).statusCode, 503)
  assert.equal((await infer(app, { prompt: 'Hi', timeout_seconds: 1 })).statusCode, 200)
})
