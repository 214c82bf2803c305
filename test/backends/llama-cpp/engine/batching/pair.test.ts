import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Pair } from '../../../../../src/backends/llama-cpp/engine/batching/pair.ts'
import { StepTimes } from '../../../../../src/backends/llama-cpp/engine/batching/step-times.ts'
import type { Slot } from '../../../../../src/backends/llama-cpp/engine/slots.ts'

const decoding = (...indices: number[]) => indices.map((index) => ({ slot: slots[index]! }))
const slots = Array.from({ length: 4 }, (_, index) => ({ index }) as Slot)

/** A pair on a machine where a step of one slot and a step of two take so many milliseconds. */
function pairWhere({ one, two, steps = 20 }: { one: number, two: number, steps?: number }) {
  const times = new StepTimes()
  for (let step = 0; step < steps; step++) {
    times.note(1, one)
    times.note(2, two)
  }
  const pair = new Pair(times)
  const choose = (...indices: number[]) => pair.choose(decoding(...indices)).map(({ slot }) => slot.index)
  return { choose, times }
}

/** What the next batches take. */
function batches(choose: (...indices: number[]) => number[], count: number, ...indices: number[]): number[][] {
  return Array.from({ length: count }, () => choose(...indices))
}

test('two slots go together where that is faster, or hardly slower', () => {
  for (const two of [11, 19, 20.5]) assert.ok(batches(pairWhere({ one: 10, two }).choose, 1000, 0, 1).every(({ length }) => length === 2))
})

test('they take turns where a step of both takes longer than two steps, and now and then both go', () => {
  const taken = batches(pairWhere({ one: 10, two: 25 }).choose, 1024, 1, 3)
  const together = taken.filter(({ length }) => length === 2)
  assert.equal(together.length, 16)
  const alone = taken.filter(({ length }) => length === 1).flat()
  assert.ok(alone.every((index, position) => index !== alone[position - 1]))
  assert.deepEqual(new Set(alone), new Set([1, 3]))
})

test('they go together again as soon as that is measured to be faster', () => {
  const { choose, times } = pairWhere({ one: 10, two: 25 })
  assert.equal(batches(choose, 20, 0, 1).at(-1)!.length, 1)
  for (let step = 0; step < 8; step++) times.note(2, 12)
  assert.deepEqual(choose(0, 1), [0, 1])
})

test('nothing is concluded from a few steps', () => {
  assert.ok(batches(pairWhere({ one: 10, two: 25, steps: 7 }).choose, 50, 0, 1).every(({ length }) => length === 2))
})

test('another number of slots goes together always', () => {
  const { choose } = pairWhere({ one: 10, two: 25 })
  assert.deepEqual([choose(), choose(2), choose(0, 1, 2), choose(0, 1, 2, 3)], [[], [2], [0, 1, 2], [0, 1, 2, 3]])
})
