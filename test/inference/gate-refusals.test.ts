import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { Gate, QueueFull } from '../../src/inference/gate.ts'
import type { GateOptions } from '../../src/inference/gate.ts'
import { ManualClock } from '../support/clock.ts'

const never = new AbortController().signal

function gateOf(options: Partial<GateOptions> = {}): Gate {
  return new Gate({ limit: 1, maxWaiting: 1, clock: new ManualClock(), assumedServiceMs: 1000, ...options })
}

async function refusal(gate: Gate, priority = 0): Promise<QueueFull> {
  const error = await gate.acquire(priority, never).then(() => undefined, (reason: unknown) => reason)
  assert.ok(error instanceof QueueFull, 'nothing was refused')
  return error
}

test('turns away one more than the queue holds, with the time from queue length and measured service time', async () => {
  const clock = new ManualClock()
  const gate = gateOf({ limit: 2, maxWaiting: 3, clock, assumedServiceMs: 4000 })
  const first = await gate.acquire(0, never)
  await gate.acquire(0, never)
  const waiting = [gate.acquire(0, never), gate.acquire(0, never), gate.acquire(0, never)]
  const assumed = await refusal(gate)
  assert.deepEqual([assumed.waiting, assumed.retryAfterSeconds], [3, (4 / 2) * 4])
  clock.advance(1000)
  first.release()
  await waiting[0]
  void gate.acquire(0, never)
  const measured = await refusal(gate)
  assert.deepEqual([measured.waiting, measured.retryAfterSeconds], [3, Math.ceil((4 / 2) * 3.4)])
})

test('never asks to come back in less than a second', async () => {
  const gate = gateOf({ maxWaiting: 0, assumedServiceMs: 0 })
  await gate.acquire(0, never)
  assert.equal((await refusal(gate)).retryAfterSeconds, 1)
})

test('turns away the urgent like everyone else when the queue is full', async () => {
  const gate = gateOf()
  await gate.acquire(5, never)
  void gate.acquire(5, never)
  await refusal(gate, -1)
  assert.deepEqual([gate.state().running, gate.state().waiting], [1, 1])
})

test('gives up a place in the queue at once when its caller aborts, with the reason of the signal', async () => {
  const gate = gateOf()
  const first = await gate.acquire(0, never)
  const caller = new AbortController()
  const waiting = gate.acquire(0, caller.signal)
  await refusal(gate)
  const reason = new Error('hung up')
  caller.abort(reason)
  assert.equal(gate.state().waiting, 0)
  const successor = gate.acquire(0, never)
  await assert.rejects(waiting, (error) => error === reason)
  first.release()
  await successor
})

test('refuses a signal that has aborted already, with its reason and without taking a place', async () => {
  const gate = gateOf()
  const reason = new Error('hung up')
  await assert.rejects(gate.acquire(0, AbortSignal.abort(reason)), (error) => error === reason)
  assert.deepEqual([gate.state().running, gate.state().waiting], [0, 0])
})

test('leaves no listener on the signal once the wait is over', async () => {
  const gate = gateOf()
  const caller = new AbortController()
  const first = await gate.acquire(0, caller.signal)
  const second = gate.acquire(0, caller.signal)
  assert.equal(getEventListeners(caller.signal, 'abort').length, 1)
  first.release()
  await second
  assert.equal(getEventListeners(caller.signal, 'abort').length, 0)
})

test('loses no slot when an abort meets the admission, however close', async () => {
  for (let microtasks = 0; microtasks < 12; microtasks++) {
    const gate = gateOf()
    const first = await gate.acquire(0, never)
    const caller = new AbortController()
    const second = gate.acquire(0, caller.signal)
    first.release()
    for (let step = 0; step < microtasks; step++) await Promise.resolve()
    caller.abort(new Error('hung up'))
    await second.then((permit) => permit.release(), (error: unknown) => assert.match(String(error), /hung up/))
    await turn()
    assert.deepEqual([gate.state().running, gate.state().waiting], [0, 0], `after ${microtasks} microtasks`)
  }
})
