import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { embeddedModelPath, readCatalogue } from '../../src/models/catalogue.ts'
import { checkGguf } from '../../src/models/gguf.ts'
import { temporaryFolder } from '../support/service.ts'

/** The fixed part of a header: magic, version, number of tensors, number of facts. */
function header(version: number, magic = 'GGUF'): Buffer {
  const bytes = Buffer.alloc(24)
  bytes.write(magic, 'latin1')
  bytes.writeUInt32LE(version, 4)
  return bytes
}

function fileOf(t: TestContext, bytes: Buffer): string {
  const path = join(temporaryFolder(t), 'model.gguf')
  writeFileSync(path, bytes)
  return path
}

const damaged: [title: string, bytes: Buffer, message: RegExp][] = [
  ['an empty file', Buffer.alloc(0), /^model\.gguf is empty\. Delete it/],
  ['a file cut to 10 bytes', header(3).subarray(0, 10), /^model\.gguf has only 10 bytes\. Delete it/],
  ['a file one byte short of its header', header(3).subarray(0, 23), /^model\.gguf has only 23 bytes/],
  ['a file with the wrong magic', header(3, 'GGML'), /^model\.gguf is no GGUF file/],
  ['a web page saved as a model', Buffer.from('<!doctype html><title>Not found</title>'), /^model\.gguf is no GGUF file/],
  ['a version 99', header(99), /^model\.gguf has GGUF version 99, but versions 2 and 3/],
  ['the version 1, which llama.cpp gave up', header(1), /^model\.gguf has GGUF version 1,/]
]

for (const [title, bytes, message] of damaged) {
  test(`refuses ${title} and names the file, not its folder`, async (t) => {
    await assert.rejects(checkGguf(fileOf(t, bytes)), { message })
  })
}

test('refuses a file that does not exist and says what to do', async (t) => {
  const path = join(temporaryFolder(t), 'missing.gguf')
  await assert.rejects(checkGguf(path), { message: 'missing.gguf does not exist. Put the model there, or set HERMES_MODEL_NAME to one that is there.' })
})

test('refuses a folder in place of a file', async (t) => {
  const path = join(temporaryFolder(t), 'model.gguf')
  mkdirSync(path)
  await assert.rejects(checkGguf(path), { message: /^model\.gguf is a folder\./ })
})

test('lets the versions 2 and 3 pass', async (t) => {
  for (const version of [2, 3]) await checkGguf(fileOf(t, header(version)))
})

test('lets the embedded model pass', async () => {
  await checkGguf(embeddedModelPath(readCatalogue()))
})
