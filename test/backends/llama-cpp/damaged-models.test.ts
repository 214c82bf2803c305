import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { BackendError } from '../../../src/inference/failure.ts'
import { embeddedModel, ask, localBackend, never, read } from '../../support/engine.ts'
import { temporaryFolder, until } from '../../support/service.ts'

const model = readFileSync(embeddedModel)

/** The model with one unsigned number of its header replaced. */
function withHeaderNumber(key: string, value: number): Buffer {
  const bytes = Buffer.from(model)
  bytes.writeUInt32LE(value, bytes.indexOf(key) + key.length + 4)
  return bytes
}

/** The model with one bit of its header flipped. */
function withFlippedBit(offset: number, bit: number): Buffer {
  const bytes = Buffer.from(model)
  bytes[offset] = bytes[offset]! ^ (1 << bit)
  return bytes
}

/** The model with its last weights, which are 32-bit, not a number. */
function withNaN(): Buffer {
  const bytes = Buffer.from(model)
  for (let offset = bytes.length - 192 * 4; offset < bytes.length; offset += 4) bytes.writeUInt32LE(0x7fc00000, offset)
  return bytes
}

// Some of these make llama.cpp or the reader of its header abort the process; none may take more than the engine with it.
const damaged: [name: string, bytes: Buffer][] = [
  ['empty', Buffer.alloc(0)],
  ['wrong magic', Buffer.concat([Buffer.from('GGML'), model.subarray(4)])],
  ['cut in the header', model.subarray(0, 5000)],
  ['cut in the weights', model.subarray(0, 2_000_000)],
  ['no layers (aborts)', withHeaderNumber('llama.block_count', 0)],
  ['600 layers (aborts)', withHeaderNumber('llama.block_count', 600)],
  ['no heads (aborts)', withHeaderNumber('llama.attention.head_count', 0)],
  ['no context', withHeaderNumber('llama.context_length', 0)],
  ['bit flipped at 3006 (aborts)', withFlippedBit(3006, 7)],
  ['bit flipped at 1604', withFlippedBit(1604, 6)],
  ['weights that are not numbers', withNaN()]
]

test('a damaged model is told in the state and never takes the service down', async (t) => {
  const folder = temporaryFolder(t)
  for (const [name, bytes] of damaged) {
    await t.test(name, async (subtest) => {
      const modelPath = join(folder, 'model.gguf')
      writeFileSync(modelPath, bytes)
      const backend = localBackend(subtest, { model: 'model', settings: { modelPath } })
      await until(() => backend.state().status !== 'loading')
      const { status, reason, retryAfterSeconds } = backend.state()
      assert.equal(status, 'failed')
      assert.match(reason!, /^Model model could not be loaded: .+ Next try in \d+ s\.$/)
      assert.ok(!reason!.includes(folder), 'the reason shows no path')
      assert.ok(retryAfterSeconds! >= 1)
      await assert.rejects(read(backend.generate(ask('Hi'), never)), (error: BackendError) => error.reason === 'model_unavailable' || error.reason === 'out_of_memory')
    })
  }
})

test('a model that is mended is picked up without a restart of the service', async (t) => {
  const modelPath = join(temporaryFolder(t), 'model.gguf')
  writeFileSync(modelPath, model.subarray(0, 2_000_000))
  const backend = localBackend(t, { settings: { modelPath } })
  await until(() => backend.state().status === 'failed')
  writeFileSync(modelPath, model)
  await until(() => backend.state().status === 'ready')
  assert.equal((await read(backend.generate(ask('What is the capital of France?'), never))).text, 'The capital of France is Paris.')
})
