// The embedded model as one that makes vectors: its header says how those of its tokens become one.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { embeddedModel } from './engine.ts'
import { temporaryFolder } from './service.ts'

const mean = 1

/** Writes it to a new file and returns its path. */
export function embeddingModel(t: TestContext): string {
  const bytes = shortened(replaced(readFileSync(embeddedModel), 'llama.vocab_size', 'llama.pooling_type', mean), 'tokenizer.chat_template', 2)
  const path = join(temporaryFolder(t), 'vectors.gguf')
  writeFileSync(path, bytes)
  return path
}

/** With another integer in the place of one: two bytes longer. */
function replaced(bytes: Buffer, from: string, to: string, value: number): Buffer {
  const start = bytes.indexOf(from)
  const number = Buffer.alloc(8)
  number.writeUInt32LE(4)
  number.writeUInt32LE(value, 4)
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(to.length))
  return Buffer.concat([bytes.subarray(0, start - 8), length, Buffer.from(to), number, bytes.subarray(start + from.length + 8)])
}

/** A text by so many bytes at its end. */
function shortened(bytes: Buffer, key: string, count: number): Buffer {
  const lengthAt = bytes.indexOf(key) + key.length + 4
  const length = bytes.readBigUInt64LE(lengthAt)
  bytes.writeBigUInt64LE(length - BigInt(count), lengthAt)
  const end = lengthAt + 8 + Number(length)
  return Buffer.concat([bytes.subarray(0, end - count), bytes.subarray(end)])
}
