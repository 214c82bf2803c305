/* oxlint-disable no-underscore-dangle -- the library names them so */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LlamaContext, Token } from 'node-llama-cpp'
import { Batcher } from '../../../../../src/backends/llama-cpp/engine/batching/batcher.ts'
import { BatchScheduler } from '../../../../../src/backends/llama-cpp/engine/batching/batching.ts'
import type { Slot, SlotPhase, Slots } from '../../../../../src/backends/llama-cpp/engine/slots.ts'

type NativeBatch = { sequence: number, from: number, tokens: number[] }[]

/** A context whose model says after each token the next higher one, and slots in these phases over it. */
function batcherOver(...phases: SlotPhase[]) {
  const batches: NativeBatch[] = []
  const forgotten: number[] = []
  const native = {
    initBatch: () => batches.push([]),
    addToBatch: (sequence: number, from: number, tokens: Uint32Array, outputs: Uint32Array) => {
      batches.at(-1)!.push({ sequence, from, tokens: [...tokens] })
      return outputs.map((output) => tokens[output]!)
    },
    decodeBatch: () => Promise.resolve(),
    sampleToken: (logits: number, _sampler: unknown) => Promise.resolve(logits + 1),
    disposeSequence: (sequence: number) => { forgotten.push(sequence) }
  }
  const slots = phases.map((phase, index) => {
    const sequence = { _sequenceId: index, _contextTokens: [] as number[], _nextTokenIndex: 0, get nextTokenIndex() { return this._nextTokenIndex }, needsCheckpoints: false }
    return { index, phase, sequence, sampler: { native: {} } } as unknown as Slot
  })
  const context = { _ctx: native, batchSize: 136, model: { llama: { gpu: false } } } as unknown as LlamaContext
  const all = { all: slots, get evaluating() { return slots.filter(({ phase }) => phase !== 'idle' && phase !== 'taken').length } } as unknown as Slots
  const batcher = new Batcher({ context, slots: all, scheduler: new BatchScheduler({ slots: () => slots }) })
  return { batcher, slots, native, batches, forgotten }
}

const tokens = (...values: number[]) => values as Token[]

/** One token that follows. */
async function sample(batcher: Batcher, slot: Slot, after: readonly Token[]): Promise<Token> {
  let said: Token | undefined
  await batcher.decode(slot, after, (token) => {
    said = token
    return undefined
  })
  return said!
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await Promise.resolve()
}

test('what a slot hands over is evaluated after what it holds, and the sequence knows', async () => {
  const { batcher, slots, batches } = batcherOver('prompt')
  await batcher.evaluate(slots[0]!, tokens(7, 8))
  assert.equal(await sample(batcher, slots[0]!, tokens(9)), 10)
  assert.deepEqual(batches, [[{ sequence: 0, from: 0, tokens: [7, 8] }], [{ sequence: 0, from: 2, tokens: [9] }]])
  assert.equal(slots[0]!.sequence.nextTokenIndex, 3)
})

test('decoding goes on with what is wanted after each token, until that is nothing', async () => {
  const { batcher, slots, batches } = batcherOver('short prompt')
  const said: Token[] = []
  const answers = [tokens(20), tokens(30, 31), undefined]
  await batcher.decode(slots[0]!, tokens(1, 2), (token) => {
    said.push(token)
    return answers[said.length - 1]
  })
  assert.deepEqual(said, [3, 21, 32])
  assert.deepEqual(batches.flat().map(({ from, tokens: evaluated }) => [from, evaluated]), [[0, [1, 2]], [2, [20]], [3, [30, 31]]])
  assert.equal(slots[0]!.phase, 'decoding')
})

test('slots that decode are in every batch together', async () => {
  const { batcher, slots, batches } = batcherOver('decoding', 'decoding', 'decoding')
  const decode = (slot: Slot, steps: number) => batcher.decode(slot, tokens(1), (token) => {
    if (--steps > 0) return tokens(token)
    slot.phase = 'idle'
    return undefined
  })
  await Promise.all(slots.map((slot, index) => decode(slot, 10 + index)))
  assert.deepEqual(batches.map(({ length }) => length), [...Array.from({ length: 10 }, () => 3), 2, 1])
})

test('what is thrown after a token ends that decoding alone, and its slot holds what was evaluated', async () => {
  const { batcher, slots, forgotten } = batcherOver('decoding', 'decoding')
  const [well, ill] = await Promise.allSettled([
    sample(batcher, slots[0]!, tokens(1)),
    batcher.decode(slots[1]!, tokens(1), () => { throw new Error('the caller is gone') })
  ])
  assert.deepEqual(well, { status: 'fulfilled', value: 2 })
  assert.match(String((ill as PromiseRejectedResult).reason), /the caller is gone/)
  assert.deepEqual(forgotten, [])
  assert.equal(slots[1]!.sequence.nextTokenIndex, 1)
})

test('each of several tokens is followed by a sample when that is wanted', async () => {
  const { batcher, slots } = batcherOver('decoding')
  assert.deepEqual(await batcher.sampleEach(slots[0]!, tokens(3, 30, 300)), [4, 31, 301])
})

test('what is longer than a batch goes in several, and only the last gives a sample', async () => {
  const { batcher, slots, batches } = batcherOver('prompt')
  const long = tokens(...Array.from({ length: 300 }, (_, index) => index))
  assert.equal(await sample(batcher, slots[0]!, long), 300)
  assert.deepEqual(batches.map(([portion]) => [portion!.from, portion!.tokens.length]), [[0, 136], [136, 136], [272, 28]])
})

test('a batch waits for a straggler and takes it along', async () => {
  const { batcher, slots, batches } = batcherOver('decoding', 'decoding', 'idle', 'taken')
  const first = sample(batcher, slots[1]!, tokens(1))
  await turns(20)
  assert.equal(batches.length, 0)
  await Promise.all([first, sample(batcher, slots[0]!, tokens(2))])
  assert.equal(batches.length, 1)
})

test('a batch goes without one who does not come', async () => {
  const { batcher, slots, batches } = batcherOver('decoding', 'decoding')
  assert.equal(await sample(batcher, slots[0]!, tokens(1)), 2)
  assert.equal(batches[0]!.length, 1)
})

test('a change of a sequence comes between two batches, before those that wait', async () => {
  const { batcher, slots, native } = batcherOver('decoding')
  const order: string[] = []
  native.decodeBatch = async () => {
    order.push('batch begins')
    await new Promise((resolve) => { setTimeout(resolve, 5) })
    order.push('batch ends')
  }
  const step = sample(batcher, slots[0]!, tokens(1))
  await new Promise((resolve) => { setTimeout(resolve, 1) })
  const next = batcher.evaluate(slots[0]!, tokens(5))
  const changed = batcher.change(async () => {
    order.push('change')
    return 'done'
  })
  assert.equal(await changed, 'done')
  await Promise.all([step, next])
  assert.deepEqual(order, ['batch begins', 'batch ends', 'change', 'batch begins', 'batch ends'])
})

test('a change that fails is told to who asked for it, and the next batch runs', async () => {
  const { batcher, slots } = batcherOver('decoding')
  await assert.rejects(batcher.change(async () => { throw new Error('no such file') }), /no such file/)
  assert.equal(await sample(batcher, slots[0]!, tokens(1)), 2)
})

test('a batch that llama.cpp refuses fails for its slots, which hold nothing afterwards, and the next one runs', async () => {
  const { batcher, slots, native, forgotten } = batcherOver('decoding', 'decoding')
  await Promise.all(slots.map((slot) => sample(batcher, slot, tokens(1))))
  native.decodeBatch = () => Promise.reject(new Error('Eval has failed'))
  const failed = await Promise.allSettled(slots.map((slot) => sample(batcher, slot, tokens(2))))
  assert.deepEqual(failed.map(({ status }) => status), ['rejected', 'rejected'])
  assert.deepEqual(forgotten, [0, 1])
  assert.deepEqual(slots.map(({ sequence }) => sequence.nextTokenIndex), [0, 0])
  native.decodeBatch = () => Promise.resolve()
  assert.equal(await sample(batcher, slots[0]!, tokens(5)), 6)
})

for (const [what, draw] of [['no token', () => Promise.resolve(-1)], ['a failure', () => Promise.reject(new Error('no such grammar'))]] as const) {
  test(`${what} where one slot draws concerns that slot alone`, async () => {
    const { batcher, slots, native, forgotten } = batcherOver('decoding', 'decoding')
    const { sampleToken } = native
    native.sampleToken = (logits, sampler) => sampler === slots[1]!.sampler.native ? draw() : sampleToken(logits, sampler)
    const [well, ill] = await Promise.allSettled(slots.map((slot) => sample(batcher, slot, tokens(1))))
    assert.deepEqual(well, { status: 'fulfilled', value: 2 })
    assert.equal(ill!.status, 'rejected')
    assert.deepEqual(forgotten, [1])
  })
}

test('a sampler draws one token at a time', async () => {
  const { batcher, slots, native } = batcherOver('decoding')
  let drawing = 0
  native.sampleToken = async (logits) => {
    assert.equal(++drawing, 1)
    await new Promise((resolve) => { setImmediate(resolve) })
    drawing--
    return logits + 1
  }
  assert.deepEqual(await batcher.sampleEach(slots[0]!, tokens(3, 30, 300)), [4, 31, 301])
})

test('there is a moment for what would disturb a batch while its tokens are drawn, and one before the next', async () => {
  const { batcher, slots, native } = batcherOver('decoding')
  const order: string[] = []
  native.decodeBatch = async () => { order.push('batch') }
  batcher.whileDrawing = () => { order.push('drawing') }
  batcher.betweenBatches = () => { order.push('moment') }
  let left = 2
  await batcher.decode(slots[0]!, tokens(1), (token) => {
    order.push('token')
    return --left > 0 ? [token] : undefined
  })
  await turns(2)
  assert.deepEqual(order, ['batch', 'drawing', 'token', 'moment', 'batch', 'drawing', 'token', 'moment'])
})

test('closing lets the running batch end and refuses what waits and what comes', async () => {
  const { batcher, slots, native } = batcherOver('decoding', 'taken')
  const { promise, resolve } = Promise.withResolvers<void>()
  native.decodeBatch = () => promise
  const running = sample(batcher, slots[0]!, tokens(1))
  await turns(100)
  const waiting = assert.rejects(batcher.evaluate(slots[1]!, tokens(1)), /closed/)
  let isClosed = false
  const close = async () => {
    await batcher.close()
    isClosed = true
  }
  const closing = close()
  await turns(20)
  assert.equal(isClosed, false)
  resolve()
  await Promise.all([waiting, closing, running.catch(() => undefined)])
  await assert.rejects(sample(batcher, slots[0]!, tokens(1)), /closed/)
})
