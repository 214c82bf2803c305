import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StepTimes } from '../../../../../src/backends/llama-cpp/engine/batching/step-times.ts'

test('a time counts once enough steps were measured', () => {
  const times = new StepTimes()
  assert.equal(times.of(2, 1), undefined)
  times.note(2, 10)
  assert.equal(times.of(2, 2), undefined)
  times.note(2, 10)
  assert.equal(times.of(2, 2), 10)
})

test('the time follows the machine, and one slow step changes little', () => {
  const times = new StepTimes()
  for (let step = 0; step < 40; step++) times.note(1, 10)
  times.note(1, 30)
  assert.equal(times.of(1, 1), 14)
  for (let step = 0; step < 40; step++) times.note(1, 20)
  assert.equal(Math.round(times.of(1, 1)!), 20)
})

test('where nothing is known of a number of slots, the next smaller one serves, or else the next larger', () => {
  const times = new StepTimes()
  assert.equal(times.near(4), undefined)
  times.note(2, 10)
  times.note(8, 30)
  assert.deepEqual([1, 2, 4, 8, 9].map((decoding) => times.near(decoding)), [10, 10, 10, 30, 30])
})
