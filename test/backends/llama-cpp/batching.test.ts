import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BatchItem, CustomBatchingPrioritizationStrategy, Token } from 'node-llama-cpp'
import { BatchScheduler } from '../../../src/backends/llama-cpp/engine/batching.ts'

const tokensOf = (count: number) => Array.from({ length: count }, (_, index) => index as Token)
/** A slot that decodes asks for what comes after its last token. */
const decodingItem = (): BatchItem => ({ tokens: tokensOf(1), logits: [true], evaluationPriority: 5 })
const promptItem = (tokens: number): BatchItem => ({ tokens: tokensOf(tokens), logits: [], evaluationPriority: 5 })
const [one, other, prompt, longPrompt] = [decodingItem(), decodingItem(), promptItem(100), promptItem(300)]

/** How often the strategy lets an incomplete batch wait before it dispatches it. */
function turnsUntilDispatch(strategy: CustomBatchingPrioritizationStrategy, items: BatchItem[]): number {
  for (let turns = 0; turns < 10_000; turns++) {
    if (strategy({ items, size: 128 }).length > 0) return turns
  }
  assert.fail('it waits for ever')
}

/** Batches that take as long as the test says. */
function timedScheduler() {
  let now = 0
  const scheduler = new BatchScheduler({ evaluating: () => 0, now: () => now })
  const run = (items: BatchItem[], tookMs: number | ((promptTokens: number) => number)) => {
    const promptTokens = scheduler.strategy({ items, size: 256 }).filter(({ item }) => item.logits.length === 0).reduce((sum, { processAmount }) => sum + processAmount, 0)
    now += typeof tookMs === 'number' ? tookMs : tookMs(promptTokens)
    scheduler.noteBatchDone()
    now += 1000
    return promptTokens
  }
  return { scheduler, run }
}

test('dispatches at once when every evaluating slot has queued its tokens', () => {
  const { strategy } = new BatchScheduler({ evaluating: () => 2 })
  assert.deepEqual(strategy({ items: [one, other], size: 128 }), [{ item: one, processAmount: 1 }, { item: other, processAmount: 1 }])
})

test('waits for a straggler and takes it along', () => {
  const { strategy } = new BatchScheduler({ evaluating: () => 2 })
  assert.deepEqual(strategy({ items: [one], size: 128 }), [])
  assert.deepEqual(strategy({ items: [one], size: 128 }), [])
  assert.equal(strategy({ items: [one, other], size: 128 }).length, 2)
})

test('goes without a straggler when its patience ends, and is patient again for the next batch', () => {
  const { strategy } = new BatchScheduler({ evaluating: () => 2 })
  const turns = turnsUntilDispatch(strategy, [one])
  assert.ok(turns > 0 && turns <= 100, `${turns} turns`)
  assert.equal(turnsUntilDispatch(strategy, [one]), turns)
})

test('spends no patience of the next batch on one that came together in time', () => {
  const { strategy } = new BatchScheduler({ evaluating: () => 2 })
  const patience = turnsUntilDispatch(strategy, [one])
  for (let turn = 0; turn < patience - 1; turn++) strategy({ items: [one], size: 128 })
  strategy({ items: [one, other], size: 128 })
  assert.equal(turnsUntilDispatch(strategy, [one]), patience)
})

test('follows the number of evaluating slots as it changes', () => {
  let evaluating = 2
  const { strategy } = new BatchScheduler({ evaluating: () => evaluating })
  assert.deepEqual(strategy({ items: [one], size: 128 }), [])
  evaluating = 1
  assert.equal(strategy({ items: [one], size: 128 }).length, 1)
})

test('prompts alone fill the batch, the shortest first', () => {
  const { strategy } = new BatchScheduler({ evaluating: () => 2 })
  assert.deepEqual(strategy({ items: [longPrompt, prompt], size: 128 }), [{ item: prompt, processAmount: 100 }, { item: longPrompt, processAmount: 28 }])
})

test('beside decoding slots a prompt gets a share alone, before anything was measured too', () => {
  const { strategy } = new BatchScheduler({ evaluating: () => 3 })
  const batch = strategy({ items: [longPrompt, one, other], size: 128 })
  assert.deepEqual(batch.slice(0, 2), [{ item: one, processAmount: 1 }, { item: other, processAmount: 1 }])
  assert.equal(batch[2]!.item, longPrompt)
  assert.ok(batch[2]!.processAmount < 64, `${batch[2]!.processAmount} tokens`)
})

test('several prompts share one share', () => {
  const { strategy } = new BatchScheduler({ evaluating: () => 2 })
  const alone = strategy({ items: [longPrompt, one], size: 128 })[1]!.processAmount
  const together = strategy({ items: [longPrompt, prompt, one], size: 128 }).slice(1).reduce((sum, { processAmount }) => sum + processAmount, 0)
  assert.equal(together, alone)
})

test('the share is what keeps a batch within 2.2 times the time of one without prompts', () => {
  const { scheduler, run } = timedScheduler()
  for (let step = 0; step < 20; step++) run([one], 20)
  for (let step = 0; step < 60; step++) run([one, longPrompt], (promptTokens) => 20 + 2 * promptTokens)
  assert.equal(scheduler.promptShare(1), 12)
  for (let step = 0; step < 60; step++) run([one, longPrompt], (promptTokens) => 20 + 0.5 * promptTokens)
  assert.equal(scheduler.promptShare(1), 48)
})

test('the share never falls to nothing and never exceeds a chunk', () => {
  const { scheduler, run } = timedScheduler()
  run([one], 1)
  for (let step = 0; step < 60; step++) run([one, longPrompt], (promptTokens) => 1 + 100 * promptTokens)
  assert.equal(scheduler.promptShare(1), 4)
  for (let step = 0; step < 200; step++) run([one, longPrompt], 1)
  assert.equal(scheduler.promptShare(1), 128)
})

test('time in which nothing ran is not taken for the time of a batch', () => {
  const { scheduler, run } = timedScheduler()
  run([one], 20)
  run([one, longPrompt], (promptTokens) => 20 + 2 * promptTokens)
  const share = scheduler.promptShare(1)
  run([one], 20)
  assert.equal(scheduler.promptShare(1), share)
})

test('never hands out more than the size of the batch nor an item with nothing to do', () => {
  const { strategy } = new BatchScheduler({ evaluating: () => 4 })
  for (const size of [0, 1, 2, 3, 50, 102, 103, 402, 1000]) {
    const batch = strategy({ items: [longPrompt, prompt, one, other], size })
    const total = batch.reduce((sum, { processAmount }) => sum + processAmount, 0)
    assert.ok(total <= size)
    assert.ok(batch.every(({ item, processAmount }) => processAmount > 0 && processAmount <= item.tokens.length))
  }
})

test('leaves the order of the queue itself alone', () => {
  const items = Object.freeze([longPrompt, one])
  new BatchScheduler({ evaluating: () => 2 }).strategy({ items, size: 128 })
  assert.deepEqual(items.map(({ tokens }) => tokens.length), [300, 1])
})
