import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BackendError } from '../../src/inference/failure.ts'
import { startProbing } from '../../src/inference/prober.ts'
import { guardBackend } from '../../src/inference/target.ts'
import { fakeBackend } from '../support/backends.ts'
import { ManualClock } from '../support/clock.ts'

const settle = () => new Promise((resolve) => setImmediate(resolve))

function probed(probe: () => Promise<void>) {
  const clock = new ManualClock()
  const target = guardBackend({ ...fakeBackend({ name: 'openai' }), probe }, 1, clock)
  return { clock, target }
}

test('probes at the start and then every 30 s, and tells what it found', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  let probes = 0
  const { clock, target } = probed(async () => {
    if (++probes === 2) throw new BackendError('openai', 'unauthorized', 'no')
  })
  const stop = startProbing({ backends: [target] }, clock)
  await settle()
  assert.equal(target.evidence.report().probe, 'ok')
  t.mock.timers.tick(30_000)
  await settle()
  assert.deepEqual([probes, target.evidence.report().probe], [2, 'unauthorized'])
  stop()
  t.mock.timers.tick(90_000)
  assert.equal(probes, 2)
})

test('leaves a backend alone of which requests have just told', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  let probes = 0
  const { clock, target } = probed(async () => { probes++ })
  target.evidence.succeeded(10, 10, 10)
  t.after(startProbing({ backends: [target] }, clock))
  assert.equal(probes, 0)
  clock.advance(30_000)
  t.mock.timers.tick(30_000)
  assert.equal(probes, 1)
})

test('a backend that is there again may be tried at once; what only a person mends stays left alone', async (t) => {
  const { clock, target } = probed(async () => undefined)
  target.breaker.open('network_down')
  t.after(startProbing({ backends: [target] }, clock))
  await settle()
  assert.equal(target.breaker.enter()?.isProbe, true)
  const other = probed(async () => undefined)
  other.target.breaker.enter()!.failed('unauthorized')
  t.after(startProbing({ backends: [other.target] }, other.clock))
  await settle()
  assert.equal(other.target.breaker.enter(), undefined)
})

test('a failing probe opens no breaker: only requests decide', async (t) => {
  const { clock, target } = probed(async () => { throw new BackendError('openai', 'unauthorized', 'may not list models') })
  t.after(startProbing({ backends: [target] }, clock))
  await settle()
  assert.equal(target.breaker.state().state, 'closed')
})
