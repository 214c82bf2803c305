import assert from 'node:assert/strict'
import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import { embeddedModelPath, readCatalogue } from '../../src/models/catalogue.ts'
import { readGgufHeader } from '../../src/models/gguf-header.ts'
import { f16, modelFile, sevenBillion } from '../support/gguf-file.ts'
import { temporaryFolder } from '../support/service.ts'

const embedded = embeddedModelPath(readCatalogue())
const small = { ...sevenBillion, layers: 2, embeddingLength: 64, heads: 4, keyValueHeads: 2, feedForwardLength: 128, vocabularySize: 300, type: f16, hasOutput: false }

test('reads what the embedded model says of itself, and tensors that fill the rest of its file', async () => {
  const { values, tensors } = await readGgufHeader(embedded)
  assert.deepEqual(['general.architecture', 'llama.block_count', 'llama.attention.head_count_kv'].map((name) => values.get(name)), ['llama', 4, 3])
  assert.deepEqual(values.get('tokenizer.ggml.tokens'), { length: 1536, numbers: [] })
  const embedding = tensors.find(({ name }) => name === 'token_embd.weight')
  assert.deepEqual([embedding!.dimensions, embedding!.type, embedding!.bytes], [[192, 1536], 1, 192 * 1536 * 2])
})

test('reads a vocabulary that is longer than a piece of the file', async (t) => {
  const { values, tensors } = await readGgufHeader(modelFile(t, { ...small, vocabularySize: 100_000 }))
  assert.deepEqual(values.get('tokenizer.ggml.tokens'), { length: 100_000, numbers: [] })
  assert.equal(tensors.length, 15)
})

test('refuses a file that ends in its header or before its last tensor', async (t) => {
  const path = modelFile(t, small)
  for (const [bytes, why] of [[12_000, 'its last tensor'], [3000, '(ends in it|longer than the file|room for)'], [30, 'room for']] as const) {
    truncateSync(path, bytes)
    await assert.rejects(readGgufHeader(path), { message: new RegExp(`^the header of ${basename(path)} is damaged: .*${why}.*\\. Delete the file and download the model again\\.$`) })
  }
})

test('a header with any bit flipped is read or refused, and never hangs', async (t) => {
  const bytes = readFileSync(modelFile(t, small))
  const path = join(temporaryFolder(t), 'flipped.gguf')
  let refused = 0
  for (let offset = 8; offset < 1000; offset += 3) {
    const flipped = Buffer.from(bytes)
    flipped[offset] = flipped[offset]! ^ (1 << offset % 8)
    writeFileSync(path, flipped)
    await readGgufHeader(path).catch((error: Error) => {
      assert.match(error.message, /^the header of flipped\.gguf is damaged: /)
      refused++
    })
  }
  assert.ok(refused > 100, `${refused} were refused`)
})
