import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BatchItem, CustomBatchingPrioritizationStrategy, EvaluationPriority, Token } from 'node-llama-cpp'
import { BatchScheduler } from '../../../../../src/backends/llama-cpp/engine/batching/batching.ts'
import type { Slot, SlotPhase } from '../../../../../src/backends/llama-cpp/engine/slots.ts'

const itemOf = (slot: number, tokens: number): BatchItem => ({ tokens: Array.from({ length: tokens }, (_, index) => index as Token), logits: [], evaluationPriority: slot as EvaluationPriority })

/** A scheduler over slots in these phases. */
function schedulerOver(...phases: SlotPhase[]) {
  const slots = phases.map((phase, index) => ({ index, phase }) as Slot)
  return { slots, scheduler: new BatchScheduler({ slots: () => slots }) }
}

/** What a batch takes: pairs of slot and number of tokens. */
function batchOf(strategy: CustomBatchingPrioritizationStrategy, items: readonly BatchItem[], size = 136): [slot: number, tokens: number][] {
  return strategy({ items, size }).map(({ item, processAmount }) => [item.evaluationPriority, processAmount])
}

/** How often the strategy lets an incomplete batch wait before it dispatches it. */
function turnsUntilDispatch(strategy: CustomBatchingPrioritizationStrategy, items: BatchItem[]): number {
  for (let turns = 0; turns < 10_000; turns++) {
    if (strategy({ items, size: 136 }).length > 0) return turns
  }
  assert.fail('it waits for ever')
}

test('dispatches at once when every evaluating slot has queued its tokens', () => {
  const { scheduler } = schedulerOver('decoding', 'decoding', 'idle', 'taken')
  assert.deepEqual(batchOf(scheduler.strategy, [itemOf(0, 1), itemOf(1, 1)]), [[0, 1], [1, 1]])
})

test('waits for a straggler and takes it along', () => {
  const { scheduler } = schedulerOver('decoding', 'decoding')
  assert.deepEqual(batchOf(scheduler.strategy, [itemOf(1, 1)]), [])
  assert.deepEqual(batchOf(scheduler.strategy, [itemOf(1, 1)]), [])
  assert.equal(batchOf(scheduler.strategy, [itemOf(1, 1), itemOf(0, 1)]).length, 2)
})

test('goes without a straggler when its patience ends, and is patient again for the next batch', () => {
  const { scheduler } = schedulerOver('decoding', 'decoding')
  const turns = turnsUntilDispatch(scheduler.strategy, [itemOf(0, 1)])
  assert.ok(turns > 0 && turns <= 100, `${turns} turns`)
  assert.equal(turnsUntilDispatch(scheduler.strategy, [itemOf(0, 1)]), turns)
})

test('spends no patience of the next batch on one that came together in time', () => {
  const { scheduler: { strategy } } = schedulerOver('decoding', 'decoding')
  const patience = turnsUntilDispatch(strategy, [itemOf(0, 1)])
  for (let turn = 0; turn < patience - 1; turn++) batchOf(strategy, [itemOf(0, 1)])
  batchOf(strategy, [itemOf(0, 1), itemOf(1, 1)])
  assert.equal(turnsUntilDispatch(strategy, [itemOf(0, 1)]), patience)
})

test('follows the slots as they change', () => {
  const { slots, scheduler } = schedulerOver('decoding', 'decoding')
  assert.deepEqual(batchOf(scheduler.strategy, [itemOf(0, 1)]), [])
  slots[1]!.phase = 'idle'
  assert.deepEqual(batchOf(scheduler.strategy, [itemOf(0, 1)]), [[0, 1]])
})

test('hands the slots over in their order, whoever came first', () => {
  const { scheduler } = schedulerOver('decoding', 'decoding', 'decoding', 'decoding')
  assert.deepEqual(batchOf(scheduler.strategy, [itemOf(3, 1), itemOf(1, 1), itemOf(0, 1), itemOf(2, 1)]), [[0, 1], [1, 1], [2, 1], [3, 1]])
})

test('prompts alone fill the batch, the shortest rest first', () => {
  const { scheduler } = schedulerOver('prompt', 'prompt')
  assert.deepEqual(batchOf(scheduler.strategy, [itemOf(0, 128), itemOf(1, 100)]), [[0, 36], [1, 100]])
})

test('prompts and slots that decode take turns', () => {
  const { scheduler } = schedulerOver('decoding', 'short prompt', 'decoding')
  const items = [itemOf(0, 1), itemOf(1, 60), itemOf(2, 1)]
  const turns = Array.from({ length: 4 }, () => batchOf(scheduler.strategy, items))
  assert.deepEqual(turns, [[[1, 60]], [[0, 1], [2, 1]], [[1, 60]], [[0, 1], [2, 1]]])
})

test('between steps a short prompt is evaluated whole, a long one by its share', () => {
  const { scheduler } = schedulerOver('decoding', 'short prompt', 'prompt')
  const batch = batchOf(scheduler.strategy, [itemOf(2, 128), itemOf(0, 1), itemOf(1, 60)])
  assert.deepEqual(batch[0], [1, 60])
  assert.equal(batch[1]![0], 2)
  assert.ok(batch[1]![1] < 64, `${batch[1]![1]} tokens`)
})

test('several long prompts share one share', () => {
  const { scheduler } = schedulerOver('decoding', 'prompt', 'prompt')
  const share = scheduler.promptChunk
  const batch = batchOf(scheduler.strategy, [itemOf(0, 1), itemOf(1, 128), itemOf(2, 128)])
  assert.equal(batch.reduce((sum, [, tokens]) => sum + tokens, 0), share)
})

test('guesses of a decoding slot go whole', () => {
  const { scheduler } = schedulerOver('decoding')
  assert.deepEqual(batchOf(scheduler.strategy, [itemOf(0, 9)]), [[0, 9]])
})

test('what the library evaluates by itself is never left lying', () => {
  const { scheduler } = schedulerOver('idle', 'taken')
  assert.deepEqual(batchOf(scheduler.strategy, [itemOf(5, 30)]), [[5, 30]])
  assert.deepEqual(batchOf(scheduler.strategy, [itemOf(1, 30)]), [[1, 30]])
})

test('never hands out more than the size of the batch nor an item with nothing to do', () => {
  const { scheduler } = schedulerOver('prompt', 'prompt', 'decoding', 'decoding')
  for (const size of [0, 1, 2, 3, 50, 102, 103, 402, 1000]) {
    const batch = batchOf(scheduler.strategy, [itemOf(0, 300), itemOf(1, 100), itemOf(2, 1), itemOf(3, 1)], size)
    assert.ok(batch.reduce((sum, [, tokens]) => sum + tokens, 0) <= size)
    assert.ok(batch.every(([, tokens]) => tokens > 0))
  }
})

test('leaves the order of the queue itself alone', () => {
  const { scheduler } = schedulerOver('prompt', 'decoding')
  const items = Object.freeze([itemOf(1, 1), itemOf(0, 128)])
  batchOf(scheduler.strategy, items)
  assert.deepEqual(items.map(({ tokens }) => tokens.length), [1, 128])
})
