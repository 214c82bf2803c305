import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { Deadline } from '../../src/inference/deadline.ts'
import { DeadlinePassed } from '../../src/inference/failure.ts'
import { ManualClock } from '../support/clock.ts'

/** Moves the timers and the clock together. */
function startTime(t: TestContext): { clock: ManualClock, pass: (ms: number) => void } {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const clock = new ManualClock()
  return {
    clock,
    pass: (ms) => {
      clock.advance(ms)
      t.mock.timers.tick(ms)
    }
  }
}

test('aborts 50 ms before its time is up and not before, with DeadlinePassed', (t) => {
  const { clock, pass } = startTime(t)
  const deadline = new Deadline(1.5, clock)
  pass(1449)
  assert.equal(deadline.signal.aborted, false)
  pass(1)
  assert.equal(deadline.signal.aborted, true)
  assert.ok(deadline.signal.reason instanceof DeadlinePassed)
  assert.equal(deadline.signal.reason.seconds, 1.5)
  assert.match(deadline.signal.reason.message, />1\.5s/)
})

test('keeps a twentieth of a short one back', (t) => {
  const { clock, pass } = startTime(t)
  const deadline = new Deadline(0.2, clock)
  pass(189)
  assert.equal(deadline.signal.aborted, false)
  pass(1)
  assert.equal(deadline.signal.aborted, true)
})

test('counts down from its creation and never below 0', (t) => {
  const { clock, pass } = startTime(t)
  pass(700)
  const deadline = new Deadline(2, clock)
  assert.equal(deadline.remainingMs(), 1950)
  pass(1200)
  assert.equal(deadline.remainingMs(), 750)
  pass(5000)
  assert.equal(deadline.remainingMs(), 0)
})

test('does not abort once it is cleared', (t) => {
  const { clock, pass } = startTime(t)
  const deadline = new Deadline(1, clock)
  deadline.clear()
  pass(10_000)
  assert.equal(deadline.signal.aborted, false)
})
