// VX11's gateway against a Switch in trouble: its breaker opens only when Switch is not there, and every call gets an answer.
import assert from 'node:assert/strict'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { Backend } from '../../../src/backends/backend.ts'
import type { Environment } from '../../../src/config/load.ts'
import { BackendError } from '../../../src/inference/failure.ts'
import { answer, fakeBackend, silence } from '../../support/backends.ts'
import { ManualClock } from '../../support/clock.ts'
import { listening } from '../../support/http.ts'
import { enginePidOf } from '../../support/registry.ts'
import { build, listen, ready, until } from '../../support/service.ts'
import { Gateway } from '../../support/vx11-gateway.ts'

const enoughToOpen = 3

async function gatewayOver(t: TestContext, backends: Backend[], env: Environment = {}): Promise<Gateway> {
  const app = await build(t, { backends, env })
  return new Gateway(await listening(app), new ManualClock())
}

/** Everything the gateway can ask, more often than its breaker bears. */
async function askInTrouble(gateway: Gateway, reason: RegExp): Promise<void> {
  for (let call = 1; call <= enoughToOpen; call++) {
    assert.equal((await gateway.apiChat('Hello')).fallback_source, 'local_llm_degraded', 'goes on to what stands behind Switch')
    assert.equal((await gateway.chat('Hello')).response, 'Madre here.')
    const task = await gateway.task('analysis', { text: 'Hello' })
    assert.deepEqual([task['status'], task['degraded'], task['provider'], task['result']], ['error', true, 'none', null])
    assert.match(String(task['response']), reason)
    assert.equal((await gateway.health())['status'], 'ok')
    assert.deepEqual([gateway.switch.state, gateway.switch.failures], ['closed', 0])
  }
  assert.equal(gateway.madreAsked.length, enoughToOpen)
}

test('no model', async (t) => {
  const reason = 'Model hermes-3b-q4 was not found. Put its GGUF file there.'
  const missing = fakeBackend({
    state: { status: 'failed', model: 'hermes-3b-q4', reason },
    // oxlint-disable-next-line require-yield
    async *generate() { throw new BackendError('hermes', 'model_unavailable', reason) }
  })
  await askInTrouble(await gatewayOver(t, [missing]), /^No answer: Model hermes-3b-q4 was not found/)
})

test('no backend at all', async (t) => {
  await askInTrouble(await gatewayOver(t, []), /No backend of the route default is configured/)
})

test('a model that says nothing in time', async (t) => {
  const slow = fakeBackend({ generate: (_request, signal) => silence(signal) })
  await askInTrouble(await gatewayOver(t, [slow], { HERMES_TIMEOUT: '0.1' }), /^No answer: Model took too long \(>0\.1s\)/)
})

test('a model that is still being loaded', async (t) => {
  const loading = fakeBackend({ state: { status: 'loading', model: 'hermes-3b-q4', reason: 'Model hermes-3b-q4 is loading.' }, generate: (_request, signal) => silence(signal) })
  await askInTrouble(await gatewayOver(t, [loading], { HERMES_TIMEOUT: '0.1' }), /Model hermes-3b-q4 is loading/)
})

test('a full queue', async (t) => {
  const { promise: told, resolve: tell } = Promise.withResolvers<void>()
  let isStarted = false
  const app = await build(t, {
    env: { HERMES_MAX_QUEUE: '0' },
    backends: [fakeBackend({
      async *generate() {
        isStarted = true
        await told
        yield* answer('Hello')
      }
    })]
  })
  const first = app.inject({ method: 'POST', url: '/switch/infer', payload: { prompt: 'Hi' } })
  await until(() => isStarted)
  await askInTrouble(new Gateway(await listening(app), new ManualClock()), /Try again in \d+ s/)
  tell()
  assert.equal((await first).statusCode, 200)
})

test('bad questions are no reason to leave Switch alone', async (t) => {
  const tooLong = fakeBackend({
    // oxlint-disable-next-line require-yield
    async *generate() { throw new BackendError('hermes', 'context_length_exceeded', 'The prompt has 9000 tokens, the context 2048.') }
  })
  const gateway = await gatewayOver(t, [tooLong])
  for (let call = 1; call <= enoughToOpen; call++) {
    assert.equal((await gateway.chat('A book'))['code'], 'SWITCH_REQUEST_CONTEXT_EXCEEDED')
    assert.equal((await gateway.chat(' '))['code'], 'SWITCH_REQUEST_INVALID')
    assert.equal((await gateway.apiChat(''))['degraded'], true)
    assert.equal((await gateway.task('analysis', { session_id: 5 }))['code'], 'SWITCH_REQUEST_INVALID')
    assert.deepEqual([gateway.switch.state, gateway.switch.failures], ['closed', 0])
  }
  assert.deepEqual(gateway.madreAsked, [], 'madre is not asked what Switch understood to be wrong')
})

test('a slow model: what it said within the limit is shown, and its text says that it is cut', async (t) => {
  const slow = fakeBackend({
    async *generate(_request, signal) {
      yield { type: 'text', text: 'The answer is ' }
      yield* silence(signal)
    }
  })
  const gateway = await gatewayOver(t, [slow])
  // Switch's own limit of the route, within the gateway's 6 s.
  const shown = await gateway.apiChat('Hello')
  assert.equal(shown['response'], 'The answer is… [incomplete: the time ran out]')
  assert.deepEqual([shown['status'], shown['content'], shown['finish_reason'], shown['error']], ['partial', 'The answer is ', 'deadline', 'Model took too long (>4.5s)'])
  assert.deepEqual([gateway.switch.state, gateway.switch.failures], ['closed', 0])
})

test('an engine that is killed in the middle of a request', async (t) => {
  const server = await listen(t, { HERMES_TEMPERATURE: '0' })
  await ready(server.url)
  const gateway = new Gateway(server.url, new ManualClock())
  const asking = gateway.chat(`Repeat after me: ${'red '.repeat(900)}`)
  await until(() => server.registry.backends[0]!.gate.state().running === 1)
  process.kill(enginePidOf(server.registry)!, 'SIGKILL')
  const { response, status } = await asking
  assert.ok(response === 'Madre here.' || status === 'partial', JSON.stringify({ response, status }))
  assert.deepEqual([gateway.switch.state, gateway.switch.failures], ['closed', 0])
  assert.equal((await gateway.chat('What is the capital of France?'))['response'], 'The capital of France is Paris.')
})

test('only a Switch that is not there opens the breaker, and it comes back', async (t) => {
  const app = await build(t)
  const { port } = new URL(await listening(app))
  let isThere = false
  const way = createServer((socket) => {
    socket.on('error', () => undefined)
    if (isThere) socket.pipe(connect(Number(port), '127.0.0.1')).pipe(socket)
    else socket.destroy()
  })
  await new Promise<void>((resolve) => { way.listen(0, '127.0.0.1', resolve) })
  t.after(() => way.close())
  const clock = new ManualClock()
  const gateway = new Gateway(`http://127.0.0.1:${(way.address() as AddressInfo).port}`, clock)
  for (let call = 1; call <= 3; call++) assert.equal((await gateway.apiChat('Hello'))['degraded'], true)
  assert.equal(gateway.switch.state, 'open')
  isThere = true
  assert.equal((await gateway.health())['reason'], 'circuit_open')
  clock.advance(60_001)
  assert.equal((await gateway.chat('Hello'))['response'], 'Hello')
  assert.equal(gateway.switch.state, 'closed')
})

test('a wrong token is told apart from an outage', async (t) => {
  const app = await build(t, { env: { VX11_GATEWAY_TOKEN: 'right' } })
  const gateway = new Gateway(await listening(app), new ManualClock(), 'wrong')
  assert.deepEqual(await gateway.switch.call('/switch/chat', { message: 'Hello' }), { status: 'error', code: 401 })
  const right = new Gateway(await listening(await build(t, { env: { API_TOKEN: 'right' } })), new ManualClock(), 'right')
  assert.equal((await right.apiChat('Hello'))['response'], 'Hello')
})
