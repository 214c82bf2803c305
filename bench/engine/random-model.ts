// Writes a llama model of given dimensions with random weights: as fast as a trained one, and it never stops talking.
import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { ggufHeader, paddingOf } from './gguf-header.ts'
import { modelFacts } from './model-facts.ts'
import type { Shape } from './model-facts.ts'
import { rowBytes, RowMaker } from './quantised-rows.ts'
import type { BlockFormat } from './quantised-rows.ts'
import { Random } from './random.ts'
import { tensorsOf } from './tensors.ts'
import type { Tensor } from './tensors.ts'
import { isSpeakable, readVocabulary } from './vocabulary.ts'

const pieceBytes = 4 * 1024 * 1024
const float32Type = 0
const seed = 135

/**
 * Writes the file piece by piece: a large model does not have to fit in memory.
 * Rows of the output that would end an answer are zero: another token always has more than their 0, so greedy
 * decoding never meets them.
 */
export async function writeRandomModel(path: string, shape: Shape): Promise<void> {
  const vocabulary = await readVocabulary()
  const tensors = tensorsOf(shape)
  const random = new Random(seed)
  await using file = await open(path, 'wx')
  await file.write(ggufHeader(modelFacts(shape, vocabulary), tensors.map((tensor) => ({ ...tensor, type: tensor.isNorm ? float32Type : shape.format.type, bytes: bytesOf(tensor, shape.format) }))))
  for (const tensor of tensors) {
    if (tensor.isNorm) await file.write(new Float32Array(tensor.dimensions[0]).fill(1))
    else await writeMatrix(file, tensor, shape.format, random, (row) => tensor.isOutput && !isSpeakable(vocabulary, row))
    await file.write(Buffer.alloc(paddingOf(bytesOf(tensor, shape.format))))
  }
}

async function writeMatrix(file: FileHandle, { dimensions: [columns, rows = 1], sigma }: Tensor, format: BlockFormat, random: Random, isZero: (row: number) => boolean): Promise<void> {
  const bytes = rowBytes(format, columns)
  const maker = new RowMaker(format, columns, sigma, random)
  const most = Math.max(1, Math.floor(pieceBytes / bytes))
  for (let start = 0; start < rows; start += most) {
    const count = Math.min(most, rows - start)
    const piece = new Uint8Array(count * bytes)
    for (let row = 0; row < count; row++) if (!isZero(start + row)) maker.write(piece.subarray(row * bytes))
    await file.write(piece)
  }
}

function bytesOf({ dimensions: [columns, rows = 1], isNorm }: Tensor, format: BlockFormat): number {
  return isNorm ? columns * 4 : rows * rowBytes(format, columns)
}
