// GGUF files of tests: a header of any dimensions, and room for the weights that takes no place on the disk.
import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { temporaryFolder } from './service.ts'

type Value = string | number | readonly number[] | readonly string[]
/** ggml's number of the type, and how many bytes so many numbers take. */
type TensorType = { readonly id: number, readonly numbers: number, readonly bytes: number }

export type ModelShape = {
  readonly layers: number
  readonly embeddingLength: number
  readonly heads: number
  readonly keyValueHeads: number | readonly number[]
  readonly feedForwardLength: number
  readonly vocabularySize: number
  readonly contextLength: number
  readonly type: TensorType
  readonly hasOutput: boolean
}

export const q4_0: TensorType = { id: 2, numbers: 32, bytes: 18 }
export const q8_0: TensorType = { id: 8, numbers: 32, bytes: 34 }
export const f16: TensorType = { id: 1, numbers: 1, bytes: 2 }

/** Mistral 7B in Q4_0. */
export const sevenBillion: ModelShape = {
  layers: 32, embeddingLength: 4096, heads: 32, keyValueHeads: 8, feedForwardLength: 14336, vocabularySize: 32_000, contextLength: 32_768, type: q4_0, hasOutput: true
}

/** Writes `shape` as a file of its true size to a new folder and returns its path. */
export function modelFile(t: TestContext, shape: ModelShape, name = 'model.gguf'): string {
  const tensors = tensorsOf(shape)
  const { infos, bytes } = placed(tensors, shape.type)
  const values = Object.entries(valuesOf(shape))
  const header = padded(Buffer.concat([Buffer.from('GGUF'), uint32(3), uint64(tensors.length), uint64(values.length), ...values.flatMap(([key, value]) => [text(key), valueBytes(value)]), ...infos]))
  const path = join(temporaryFolder(t), name)
  const file = openSync(path, 'w')
  writeSync(file, header)
  ftruncateSync(file, header.length + bytes)
  closeSync(file)
  return path
}

function valuesOf(shape: ModelShape): Record<string, Value> {
  return {
    'general.architecture': 'llama',
    'llama.block_count': shape.layers,
    'llama.context_length': shape.contextLength,
    'llama.embedding_length': shape.embeddingLength,
    'llama.attention.head_count': shape.heads,
    'llama.attention.head_count_kv': shape.keyValueHeads,
    'tokenizer.ggml.tokens': Array.from({ length: shape.vocabularySize }, (_, index) => `token ${index}`)
  }
}

function tensorsOf({ layers, embeddingLength: width, heads, keyValueHeads, feedForwardLength, vocabularySize, hasOutput }: ModelShape): [name: string, rows: number, columns: number][] {
  const keyWidth = (typeof keyValueHeads === 'number' ? keyValueHeads : Math.max(...keyValueHeads)) * width / heads
  const layer = (index: number): [string, number, number][] => [
    ['attn_q', width, width], ['attn_k', width, keyWidth], ['attn_v', width, keyWidth], ['attn_output', width, width],
    ['ffn_gate', width, feedForwardLength], ['ffn_up', width, feedForwardLength], ['ffn_down', feedForwardLength, width]
  ].map(([name, rows, columns]) => [`blk.${index}.${name}.weight`, Number(rows), Number(columns)])
  const output: [string, number, number][] = hasOutput ? [['output.weight', width, vocabularySize]] : []
  return [['token_embd.weight', width, vocabularySize], ...output, ...Array.from({ length: layers }, (_, index) => layer(index)).flat()]
}

function placed(tensors: readonly [name: string, rows: number, columns: number][], type: TensorType): { infos: Buffer[], bytes: number } {
  let bytes = 0
  const infos = tensors.map(([name, rows, columns]) => {
    const info = Buffer.concat([text(name), uint32(2), uint64(rows), uint64(columns), uint32(type.id), uint64(bytes)])
    bytes += rows * columns / type.numbers * type.bytes
    return info
  })
  return { infos, bytes }
}

function valueBytes(value: Value): Buffer {
  if (typeof value === 'string') return Buffer.concat([uint32(8), text(value)])
  if (typeof value === 'number') return Buffer.concat([uint32(4), uint32(value)])
  const items = value.map((item) => typeof item === 'string' ? text(item) : uint32(item))
  return Buffer.concat([uint32(9), uint32(typeof value[0] === 'string' ? 8 : 4), uint64(value.length), ...items])
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([uint64(bytes.length), bytes])
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(value))
  return bytes
}

/** Weights begin at a multiple of 32 bytes. */
function padded(header: Buffer): Buffer {
  return Buffer.concat([header, Buffer.alloc((32 - header.length % 32) % 32)])
}
