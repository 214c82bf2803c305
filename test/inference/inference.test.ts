import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../../src/inference/clock.ts'
import { BackendError, ShuttingDown } from '../../src/inference/failure.ts'
import { startInference } from '../../src/inference/inference.ts'
import type { InferenceOptions } from '../../src/inference/inference.ts'
import { guardBackend } from '../../src/inference/target.ts'
import { answer, fakeBackend, silence } from '../support/backends.ts'

const options: InferenceOptions = { model: undefined, timeoutSeconds: 2, priority: 4, isShown: false, callerSignal: new AbortController().signal }
const request = { messages: [{ role: 'user' as const, content: 'Hi' }], stop: [] }
const nothing = () => undefined

test('a network that is gone opens the breaker of every remote backend at once, and of no local one', async () => {
  const guard = (backend: ReturnType<typeof fakeBackend>) => guardBackend(backend, 4, systemClock)
  const first = guard(fakeBackend({ name: 'openai', kind: 'openai', isLocal: false, generate: () => { throw new BackendError('openai', 'network_down', 'no network') } }))
  const other = guard(fakeBackend({ name: 'deepseek', kind: 'openai', isLocal: false }))
  const local = guard(fakeBackend({ generate: () => answer('Hi') }))
  const service = { routes: new Map([['default', [first, other, local]]]), backends: [first, other, local], clock: systemClock, closing: new AbortController().signal }
  const inference = startInference(service, request, options)
  assert.equal((await inference.run(nothing)).backend.name, 'hermes')
  assert.deepEqual(inference.attempts.map(({ backend, reason }) => `${backend} ${reason}`), ['openai network_down', 'deepseek circuit_open', 'hermes null'])
  assert.deepEqual([first, other, local].map(({ breaker }) => breaker.state().state), ['open', 'open', 'closed'])
})

test('the end of the grace period ends a request with an honest error', async () => {
  const closing = new AbortController()
  const target = guardBackend(fakeBackend({ generate: (_request, signal) => silence(signal) }), 4, systemClock)
  const service = { routes: new Map([['default', [target]]]), backends: [target], clock: systemClock, closing: closing.signal }
  const running = startInference(service, request, options).run(nothing)
  setImmediate(() => closing.abort(new ShuttingDown()))
  await assert.rejects(running, { code: 'SWITCH_SERVER_CLOSING' })
})

test('ids are unique and in their form', () => {
  const target = guardBackend(fakeBackend(), 4, systemClock)
  const service = { routes: new Map([['default', [target]]]), backends: [target], clock: systemClock, closing: new AbortController().signal }
  const ids = new Set(Array.from({ length: 100 }, () => startInference(service, request, options).id))
  assert.equal(ids.size, 100)
  for (const id of ids) assert.match(id, /^inf_[0-9a-f]{32}$/)
})
