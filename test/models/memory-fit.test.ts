import assert from 'node:assert/strict'
import { test } from 'node:test'
import { embeddedModelPath, readCatalogue } from '../../src/models/catalogue.ts'
import { estimateMemory, longestContextThatFits } from '../../src/models/memory-fit.ts'
import type { FitOptions } from '../../src/models/memory-fit.ts'
import { readModelFacts } from '../../src/models/model-facts.ts'
import { modelFile, q8_0, sevenBillion } from '../support/gguf-file.ts'

const options: FitOptions = { contextLength: 4096, slots: 1, batchSize: 129, kvCache: 'f16', hasFlashAttention: true, hasMmap: true, adapterBytes: 0 }

test('a mapped model whose weights are laid out anew is in memory twice, but for its embedding', async (t) => {
  const facts = await readModelFacts(modelFile(t, sevenBillion))
  assert.equal(estimateMemory(facts, { ...options, hasMmap: false }).weightsMb, 4074)
  assert.equal(estimateMemory(facts, options).weightsMb, 8073, 'the embedding has 74 MB')
})

test('the KV cache grows with context and slots, and shrinks with q8_0', async (t) => {
  const facts = await readModelFacts(modelFile(t, sevenBillion))
  const kvCacheMb = (fields: Partial<FitOptions>) => estimateMemory(facts, { ...options, ...fields }).kvCacheMb
  assert.equal(kvCacheMb({}), Math.ceil(2 * 32 * 4096 * 8 * 128 * 2 / 1e6))
  assert.equal(kvCacheMb({ slots: 3 }), Math.ceil(3 * 2 * 32 * 4096 * 8 * 128 * 2 / 1e6))
  assert.equal(kvCacheMb({ kvCache: 'q8_0' }), Math.ceil(2 * 32 * 4096 * 8 * 128 * 34 / 32 / 1e6))
  assert.ok(kvCacheMb({ kvCache: 'q8_0', hasFlashAttention: false }) > kvCacheMb({ kvCache: 'q8_0' }), 'values stay f16 without flash attention')
  assert.equal(kvCacheMb({ contextLength: 4000 }), kvCacheMb({}), 'llama.cpp rounds up')
})

test('a context is cut to what the model was made for', async (t) => {
  const facts = await readModelFacts(modelFile(t, { ...sevenBillion, contextLength: 2048 }))
  assert.deepEqual(estimateMemory(facts, { ...options, contextLength: 1_000_000 }), estimateMemory(facts, { ...options, contextLength: 2048 }))
})

test('heads may differ from layer to layer', async (t) => {
  const heads = Array.from({ length: 32 }, (_, layer) => layer % 2 === 0 ? 8 : 0)
  const facts = await readModelFacts(modelFile(t, { ...sevenBillion, keyValueHeads: heads }))
  assert.equal(facts.keysPerToken, 16 * 8 * 128)
})

test('the longest context that fits does fit, and one step more does not', async (t) => {
  const facts = await readModelFacts(modelFile(t, { ...sevenBillion, type: q8_0 }))
  const wanted = { ...options, contextLength: 32_768 }
  const freeMb = estimateMemory(facts, { ...options, contextLength: 5000 }).totalMb
  const longest = longestContextThatFits(facts, wanted, freeMb)!
  assert.equal(longest, 5120)
  assert.ok(estimateMemory(facts, { ...options, contextLength: longest + 256 }).totalMb > freeMb)
  assert.equal(longestContextThatFits(facts, wanted, 1e6), 32_768)
  assert.equal(longestContextThatFits(facts, wanted, 1000), undefined)
})

test('the estimate of the embedded model is close to what its engine was measured to take', async () => {
  const { totalMb, weightsMb, kvCacheMb } = estimateMemory(await readModelFacts(embeddedModelPath(readCatalogue())), { ...options, contextLength: 2048 })
  assert.deepEqual([weightsMb, kvCacheMb], [5, 7])
  assert.ok(totalMb >= 155 && totalMb < 155 * 1.15, `${totalMb} MB`)
})
