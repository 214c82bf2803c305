// GGUF files of tests: a header of any dimensions, and room for the weights that takes no place on the disk.
import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { ggufHeader, paddingOf } from '../../bench/engine/gguf-header.ts'
import type { Fact, TensorEntry } from '../../bench/engine/gguf-header.ts'
import { temporaryFolder } from './service.ts'

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
  const header = ggufHeader(factsOf(shape), tensors)
  const path = join(temporaryFolder(t), name)
  const file = openSync(path, 'w')
  writeSync(file, header)
  ftruncateSync(file, header.length + tensors.reduce((sum, { bytes }) => sum + bytes + paddingOf(bytes), 0))
  closeSync(file)
  return path
}

function factsOf({ layers, contextLength, embeddingLength, heads, keyValueHeads, vocabularySize }: ModelShape): Record<string, Fact> {
  return {
    'general.architecture': { kind: 'text', value: 'llama' },
    'llama.block_count': { kind: 'integer', value: layers },
    'llama.context_length': { kind: 'integer', value: contextLength },
    'llama.embedding_length': { kind: 'integer', value: embeddingLength },
    'llama.attention.head_count': { kind: 'integer', value: heads },
    'llama.attention.head_count_kv': typeof keyValueHeads === 'number' ? { kind: 'integer', value: keyValueHeads } : { kind: 'integers', value: keyValueHeads },
    'tokenizer.ggml.tokens': { kind: 'texts', value: Array.from({ length: vocabularySize }, (_, index) => `token ${index}`) }
  }
}

function tensorsOf({ layers, embeddingLength: width, heads, keyValueHeads, feedForwardLength, vocabularySize, type, hasOutput }: ModelShape): TensorEntry[] {
  const keyWidth = (typeof keyValueHeads === 'number' ? keyValueHeads : Math.max(...keyValueHeads)) * width / heads
  const tensor = (name: string, columns: number, rows: number) => ({ name: `${name}.weight`, dimensions: [columns, rows], type: type.id, bytes: columns * rows / type.numbers * type.bytes })
  const layer = (prefix: string) => [
    tensor(`${prefix}.attn_q`, width, width), tensor(`${prefix}.attn_k`, width, keyWidth), tensor(`${prefix}.attn_v`, width, keyWidth), tensor(`${prefix}.attn_output`, width, width),
    tensor(`${prefix}.ffn_gate`, width, feedForwardLength), tensor(`${prefix}.ffn_up`, width, feedForwardLength), tensor(`${prefix}.ffn_down`, feedForwardLength, width)
  ]
  const output = hasOutput ? [tensor('output', width, vocabularySize)] : []
  return [tensor('token_embd', width, vocabularySize), ...output, ...Array.from({ length: layers }, (_, index) => layer(`blk.${index}`)).flat()]
}
