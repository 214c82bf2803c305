import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Token } from 'node-llama-cpp'
import { BatchScheduler } from '../../../../../src/backends/llama-cpp/engine/batching/batching.ts'
import type { Work } from '../../../../../src/backends/llama-cpp/engine/batching/batching.ts'
import type { Slot, SlotPhase } from '../../../../../src/backends/llama-cpp/engine/slots.ts'

const size = 136

/** A scheduler over slots in these phases, and what each of them may hand over. */
function schedulerOver(...phases: SlotPhase[]) {
  const slots = phases.map((phase, index) => ({ index, phase }) as Slot)
  const work = (slot: number, tokens: number): Work => ({ slot: slots[slot]!, tokens: Array.from({ length: tokens }, (_, index) => index as Token) })
  return { work, scheduler: new BatchScheduler({ slots: () => slots }) }
}

/** What a batch takes: pairs of slot and number of tokens. */
function batchOf(scheduler: BatchScheduler, queue: readonly Work[], most = size): [slot: number, tokens: number][] {
  return scheduler.compose(queue, most).map(({ work, tokens }) => [work.slot.index, tokens.length])
}

test('hands the slots over in their order, whoever came first', () => {
  const { work, scheduler } = schedulerOver('decoding', 'decoding', 'decoding', 'decoding')
  assert.deepEqual(batchOf(scheduler, [work(3, 1), work(1, 1), work(0, 1), work(2, 1)]), [[0, 1], [1, 1], [2, 1], [3, 1]])
})

test('prompts alone fill the batch, the shortest rest first', () => {
  const { work, scheduler } = schedulerOver('prompt', 'prompt')
  assert.deepEqual(batchOf(scheduler, [work(0, 128), work(1, 100)]), [[0, 36], [1, 100]])
})

test('prompts and slots that decode take turns', () => {
  const { work, scheduler } = schedulerOver('decoding', 'short prompt', 'decoding')
  const items = [work(0, 1), work(1, 60), work(2, 1)]
  const turns = Array.from({ length: 4 }, () => batchOf(scheduler, items))
  assert.deepEqual(turns, [[[1, 60]], [[0, 1], [2, 1]], [[1, 60]], [[0, 1], [2, 1]]])
})

test('between steps a short prompt is evaluated whole, a long one by its share', () => {
  const { work, scheduler } = schedulerOver('decoding', 'short prompt', 'prompt')
  const batch = batchOf(scheduler, [work(2, 128), work(0, 1), work(1, 60)])
  assert.deepEqual(batch[0], [1, 60])
  assert.equal(batch[1]![0], 2)
  assert.ok(batch[1]![1] < 64, `${batch[1]![1]} tokens`)
})

test('several long prompts share one share', () => {
  const { work, scheduler } = schedulerOver('decoding', 'prompt', 'prompt')
  const share = scheduler.promptChunk
  const batch = batchOf(scheduler, [work(0, 1), work(1, 128), work(2, 128)])
  assert.equal(batch.reduce((sum, [, tokens]) => sum + tokens, 0), share)
})

test('guesses of a decoding slot go whole', () => {
  const { work, scheduler } = schedulerOver('decoding')
  assert.deepEqual(batchOf(scheduler, [work(0, 9)]), [[0, 9]])
})

test('a batch takes the first tokens of a work and leaves the work as it is', () => {
  const { work, scheduler } = schedulerOver('prompt')
  const long = work(0, 300)
  const [portion] = scheduler.compose([long], size)
  assert.deepEqual(portion!.tokens, long.tokens.slice(0, size))
  assert.equal(long.tokens.length, 300)
})

test('the time of a token is that of prompts alone', () => {
  let now = 0
  const slots = [{ index: 0, phase: 'prompt' }, { index: 1, phase: 'idle' }] as Slot[]
  const scheduler = new BatchScheduler({ slots: () => slots, now: () => now })
  const run = (tokens: number, tookMs: number) => {
    scheduler.compose([{ slot: slots[0]!, tokens: Array.from({ length: tokens }, () => 1 as Token) }], size)
    now += tookMs
    scheduler.noteDone()
  }
  run(2, 100)
  assert.equal(scheduler.promptTokenMs, undefined)
  run(100, 200)
  assert.equal(scheduler.promptTokenMs, 2)
  slots[0]!.phase = 'decoding'
  run(1, 50)
  assert.equal(scheduler.promptTokenMs, 2)
})

test('never hands out more than the size of the batch nor an item with nothing to do', () => {
  const { work, scheduler } = schedulerOver('prompt', 'prompt', 'decoding', 'decoding')
  for (const most of [0, 1, 2, 3, 50, 102, 103, 402, 1000]) {
    const batch = batchOf(scheduler, [work(0, 300), work(1, 100), work(2, 1), work(3, 1)], most)
    assert.ok(batch.reduce((sum, [, tokens]) => sum + tokens, 0) <= most)
    assert.ok(batch.every(([, tokens]) => tokens > 0))
  }
})

test('leaves the order of the queue itself alone', () => {
  const { work, scheduler } = schedulerOver('prompt', 'decoding')
  const items = Object.freeze([work(1, 1), work(0, 128)])
  batchOf(scheduler, items)
  assert.deepEqual(items.map(({ tokens }) => tokens.length), [1, 128])
})
