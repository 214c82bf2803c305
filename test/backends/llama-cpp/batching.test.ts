import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BatchItem, CustomBatchingPrioritizationStrategy, Token } from 'node-llama-cpp'
import { waitForStragglers } from '../../../src/backends/llama-cpp/engine/batching.ts'

const itemOf = (tokens: number): BatchItem => ({ tokens: Array.from({ length: tokens }, (_, index) => index as Token), logits: [], evaluationPriority: 5 })
const [one, other, prompt, longPrompt] = [itemOf(1), itemOf(1), itemOf(100), itemOf(300)]

/** How often the strategy lets an incomplete batch wait before it dispatches it. */
function turnsUntilDispatch(strategy: CustomBatchingPrioritizationStrategy, items: BatchItem[]): number {
  for (let turns = 0; turns < 10_000; turns++) {
    if (strategy({ items, size: 128 }).length > 0) return turns
  }
  assert.fail('it waits for ever')
}

test('dispatches at once when every active slot has queued its tokens', () => {
  const strategy = waitForStragglers(() => 2)
  assert.deepEqual(strategy({ items: [one, other], size: 128 }), [{ item: one, processAmount: 1 }, { item: other, processAmount: 1 }])
})

test('waits for a straggler and takes it along', () => {
  const strategy = waitForStragglers(() => 2)
  assert.deepEqual(strategy({ items: [one], size: 128 }), [])
  assert.deepEqual(strategy({ items: [one], size: 128 }), [])
  assert.equal(strategy({ items: [one, other], size: 128 }).length, 2)
})

test('goes without a straggler when its patience ends, and is patient again for the next batch', () => {
  const strategy = waitForStragglers(() => 2)
  const turns = turnsUntilDispatch(strategy, [one])
  assert.ok(turns > 0 && turns <= 100, `${turns} turns`)
  assert.equal(turnsUntilDispatch(strategy, [one]), turns)
})

test('spends no patience of the next batch on one that came together in time', () => {
  const strategy = waitForStragglers(() => 2)
  const patience = turnsUntilDispatch(strategy, [one])
  for (let turn = 0; turn < patience - 1; turn++) strategy({ items: [one], size: 128 })
  strategy({ items: [one, other], size: 128 })
  assert.equal(turnsUntilDispatch(strategy, [one]), patience)
})

test('follows the number of active slots as it changes', () => {
  let active = 2
  const strategy = waitForStragglers(() => active)
  assert.deepEqual(strategy({ items: [one], size: 128 }), [])
  active = 1
  assert.equal(strategy({ items: [one], size: 128 }).length, 1)
})

test('lets single tokens go before prompts and gives the prompt what is left', () => {
  const strategy = waitForStragglers(() => 3)
  assert.deepEqual(strategy({ items: [longPrompt, one, other], size: 128 }), [
    { item: one, processAmount: 1 },
    { item: other, processAmount: 1 },
    { item: longPrompt, processAmount: 126 }
  ])
})

test('never hands out more than the size of the batch nor an item with nothing to do', () => {
  const strategy = waitForStragglers(() => 4)
  for (const size of [0, 1, 2, 3, 50, 102, 103, 402, 1000]) {
    const batch = strategy({ items: [longPrompt, prompt, one, other], size })
    const total = batch.reduce((sum, { processAmount }) => sum + processAmount, 0)
    assert.equal(total, Math.min(size, 402))
    assert.ok(batch.every(({ item, processAmount }) => processAmount > 0 && processAmount <= item.tokens.length))
  }
})

test('leaves the order of the queue itself alone', () => {
  const items = Object.freeze([longPrompt, one])
  waitForStragglers(() => 2)({ items, size: 128 })
  assert.deepEqual(items.map(({ tokens }) => tokens.length), [300, 1])
})
