import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LlamaModel } from 'node-llama-cpp'
import { startEngineInside } from '../../../src/backends/llama-cpp/engine-inside.ts'
import { BackendError, CallerGone } from '../../../src/inference/failure.ts'
import { embeddingModel } from '../../support/embedding-model.ts'
import { ask, localBackend, never, read } from '../../support/engine.ts'

const texts = ['The capital of France is Paris.', 'The capital of France is Paris!', 'Count from 1 to 9.', 'The capital of France is Paris.']

function product(one: readonly number[], other: readonly number[]): number {
  return one.reduce((sum, value, index) => sum + value * other[index]!, 0)
}

test('gives one vector of length 1 for each text, in their order', async (t) => {
  const backend = localBackend(t, { settings: { modelPath: embeddingModel(t) } })
  const { model, vectors, promptTokens } = await backend.embed({ texts }, never)
  assert.deepEqual([model, vectors.length], ['switch-tiny', 4])
  for (const vector of vectors) assert.ok(Math.abs(product(vector, vector) - 1) < 1e-5)
  assert.ok(product(vectors[0]!, vectors[3]!) > 0.9999, 'equal texts have different vectors')
  assert.ok(product(vectors[0]!, vectors[1]!) > product(vectors[0]!, vectors[2]!), 'a nearly equal text is no nearer than another')
  const alone = await Promise.all(texts.map((text) => backend.embed({ texts: [text] }, never)))
  assert.equal(alone.reduce((sum, one) => sum + one.promptTokens, 0), promptTokens)
  for (const [index, one] of alone.entries()) assert.ok(product(one.vectors[0]!, vectors[index]!) > 0.9999)
})

test('a text longer than the context is refused with both numbers, and the next one is answered', async (t) => {
  const backend = localBackend(t, { settings: { modelPath: embeddingModel(t), contextLength: 256 } })
  await assert.rejects(backend.embed({ texts: ['a', 'red '.repeat(400)] }, never), (error: BackendError) => error.reason === 'context_length_exceeded' && error.facts['context_length'] === 256)
  assert.equal((await backend.embed({ texts: ['a'] }, never)).vectors.length, 1)
})

test('vectors are not shortened, and say so', async (t) => {
  const backend = localBackend(t, { settings: { modelPath: embeddingModel(t) } })
  const { vectors: [vector] } = await backend.embed({ texts: ['a'] }, never)
  assert.deepEqual((await backend.embed({ texts: ['a'], dimensions: vector!.length }, never)).vectors, [vector])
  await assert.rejects(backend.embed({ texts: ['a'], dimensions: 8 }, never), (error: BackendError) => error.reason === 'rejected' && /Leave dimensions out/.test(error.message))
})

test('an abort ends it with its reason', async (t) => {
  const backend = localBackend(t, { settings: { modelPath: embeddingModel(t) } })
  await backend.embed({ texts: ['a'] }, never)
  const controller = new AbortController()
  const embedding = backend.embed({ texts: Array.from({ length: 2000 }, (_, index) => `text ${index}`) }, controller.signal)
  controller.abort(new CallerGone())
  await assert.rejects(embedding, CallerGone)
  assert.equal((await backend.embed({ texts: ['a'] }, never)).vectors.length, 1)
})

test('an embedding model refuses to answer', async (t) => {
  const backend = localBackend(t, { settings: { modelPath: embeddingModel(t) } })
  await assert.rejects(read(backend.generate(ask('Hi'), never)), (error: BackendError) => error.reason === 'rejected' && error.message.includes('embedding model'))
})

test('a model that answers refuses to make vectors, without a context for them', async (t) => {
  const contexts = t.mock.method(LlamaModel.prototype, 'createEmbeddingContext')
  const backend = localBackend(t, { start: startEngineInside })
  await assert.rejects(backend.embed({ texts: ['a'] }, never), (error: BackendError) => error.reason === 'rejected' && error.message.includes('is no embedding model'))
  assert.equal(contexts.mock.callCount(), 0)
})
