import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import PQueue from 'p-queue'
import { Gate, QueueFull } from '../../src/inference/gate.ts'
import type { GateOptions } from '../../src/inference/gate.ts'
import { ManualClock } from '../support/clock.ts'

const never = new AbortController().signal

function gateOf(options: Partial<GateOptions> = {}): Gate {
  return new Gate({ limit: 1, maxWaiting: 10, clock: new ManualClock(), assumedServiceMs: 1000, ...options })
}

test('lets no more through than its limit, and all of them in the end', async () => {
  const gate = gateOf({ limit: 3, maxWaiting: 7 })
  let running = 0
  let most = 0
  await Promise.all(Array.from({ length: 10 }, async () => {
    const permit = await gate.acquire(0, never)
    most = Math.max(most, ++running)
    await turn()
    running--
    permit.release()
  }))
  await turn()
  assert.equal(most, 3)
  assert.deepEqual(gate.state(), { running: 0, waiting: 0, limit: 3, expected_wait_ms: 0 })
})

test('lets the lower priority number go first and equal ones in order of arrival', async () => {
  const gate = gateOf()
  const first = await gate.acquire(0, never)
  const order: string[] = []
  const callers = ([['late', 9], ['b1', 5], ['a1', 1], ['b2', 5], ['a2', 1], ['b3', 5]] as const).map(async ([name, priority]) => {
    const permit = await gate.acquire(priority, never)
    order.push(name)
    permit.release()
  })
  first.release()
  await Promise.all(callers)
  assert.deepEqual(order, ['a1', 'a2', 'b1', 'b2', 'b3', 'late'])
})

test('says how many run and wait and how long the next one would wait', async () => {
  const gate = gateOf({ limit: 2 })
  await gate.acquire(0, never)
  assert.deepEqual(gate.state(), { running: 1, waiting: 0, limit: 2, expected_wait_ms: 0 })
  await gate.acquire(0, never)
  assert.deepEqual(gate.state(), { running: 2, waiting: 0, limit: 2, expected_wait_ms: 500 })
  void gate.acquire(0, never)
  assert.deepEqual(gate.state(), { running: 2, waiting: 1, limit: 2, expected_wait_ms: 1000 })
})

test('learns the service time from the time between admission and release', async () => {
  const clock = new ManualClock()
  const gate = gateOf({ clock })
  const first = await gate.acquire(0, never)
  const second = gate.acquire(0, never)
  clock.advance(6000)
  first.release()
  await second
  assert.equal(gate.state().expected_wait_ms, 1000 + 0.2 * (6000 - 1000))
})

test('counts a permit that is released twice once', async () => {
  const clock = new ManualClock()
  const gate = gateOf({ clock, maxWaiting: 2 })
  const first = await gate.acquire(0, never)
  const second = gate.acquire(0, never)
  void gate.acquire(0, never)
  first.release()
  clock.advance(60_000)
  first.release()
  await second
  await turn()
  first.release()
  await turn()
  assert.deepEqual(gate.state(), { running: 1, waiting: 1, limit: 1, expected_wait_ms: 2 * 800 })
})

test('frees the slot of an admitted caller at its release, not when its signal aborts', async () => {
  const gate = gateOf()
  const caller = new AbortController()
  const permit = await gate.acquire(0, caller.signal)
  const next = gate.acquire(0, never)
  caller.abort(new Error('hung up'))
  await turn()
  assert.deepEqual([gate.state().running, gate.state().waiting], [1, 1])
  permit.release()
  await next
  assert.deepEqual([gate.state().running, gate.state().waiting], [1, 0])
})

test('p-queue alone frees the slot of a running task when its signal aborts: why the gate covers the waiting only', async () => {
  const queue = new PQueue({ concurrency: 1 })
  const caller = new AbortController()
  const work = Promise.withResolvers<void>()
  const task = queue.add(() => work.promise, { signal: caller.signal })
  assert.equal(queue.pending, 1)
  caller.abort(new Error('hung up'))
  await assert.rejects(task, /hung up/)
  await turn()
  assert.equal(queue.pending, 0, 'p-queue has changed: the gate may no longer need a signal of its own')
  work.resolve()
})

test('with no place to wait, refuses only while every slot is taken', async () => {
  const gate = gateOf({ limit: 2, maxWaiting: 0 })
  await gate.acquire(0, never)
  const second = await gate.acquire(0, never)
  await assert.rejects(gate.acquire(0, never), QueueFull)
  second.release()
  await turn()
  await gate.acquire(0, never)
})
