import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GuessCost } from '../../../../../src/backends/llama-cpp/engine/decoding/guess-cost.ts'

test('is unknown before a step without guesses was measured', () => {
  const cost = new GuessCost()
  cost.noteGuessedStep(4, 20)
  assert.equal(cost.of(1), Infinity)
  cost.notePlainStep(10)
  assert.ok(cost.of(1) > 1 && cost.of(1) < 2)
})

test('comes to what was measured, in steps without guesses', () => {
  const cost = new GuessCost()
  for (let step = 0; step < 30; step++) {
    cost.notePlainStep(10)
    cost.noteGuessedStep(4, 26)
  }
  assert.ok(Math.abs(cost.of(4) - 2.6) < 0.01, `${cost.of(4)}`)
  assert.ok(Math.abs(cost.of(8) - 4.2) < 0.01, `${cost.of(8)}`)
})

test('a step with guesses is never thought faster than one without', () => {
  const cost = new GuessCost()
  for (let step = 0; step < 30; step++) {
    cost.notePlainStep(10)
    cost.noteGuessedStep(4, 5)
  }
  assert.ok(cost.of(4) >= 1)
})
