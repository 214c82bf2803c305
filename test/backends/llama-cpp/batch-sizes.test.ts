import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { LlamaModel } from 'node-llama-cpp'
import { startEngineInside } from '../../../src/backends/llama-cpp/engine-inside.ts'
import { ask, localBackend, never, read } from '../../support/engine.ts'

/** The native context, of which only the size of each batch matters here. */
type NativeContext = { initBatch(size: number): void }

const sizes: number[] = []

// An engine in this process makes its context here, so that its batches can be counted where llama.cpp gets them.
before(() => {
  const { createContext } = LlamaModel.prototype
  LlamaModel.prototype.createContext = async function (...options) {
    const context = await createContext.apply(this, options)
    // oxlint-disable-next-line no-underscore-dangle -- the library names it so
    const native = (context as unknown as { _ctx: NativeContext })._ctx
    const initBatch = native.initBatch.bind(native)
    Object.defineProperty(native, 'initBatch', { value: (size: number) => { sizes.push(size); initBatch(size) } })
    return context
  }
})

for (const slots of [1, 2, 3, 4, 8]) {
  test(`${slots} slots that decode have ${slots} tokens in each batch`, async (t) => {
    const backend = localBackend(t, { start: startEngineInside, settings: { slots } })
    const reading = Array.from({ length: slots }, () => read(backend.generate(ask('Count from 1 to 90.', { maxTokens: 120 }), never)))
    const answers = await Promise.all(reading)
    assert.ok(answers.every(({ usage }) => usage!.completion_tokens === 120))
    // Prompts come first, and the answers need not end in the same batch.
    const decoding = sizes.slice(-110, -10)
    assert.equal(decoding.reduce((sum, size) => sum + size, 0) / decoding.length, slots, `${decoding}`)
    sizes.length = 0
  })
}

test('a slot whose answer nobody reads holds up no batch', async (t) => {
  const backend = localBackend(t, { start: startEngineInside, settings: { slots: 2 } })
  const unread = backend.generate(ask('Count from 1 to 90.', { maxTokens: 120 }), never)
  await unread.next()
  const { usage } = await read(backend.generate(ask('Count from 1 to 90.', { maxTokens: 120 }), never))
  assert.equal(usage!.completion_tokens, 120)
  assert.equal((await read(unread)).usage!.completion_tokens, 120)
})
