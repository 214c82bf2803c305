// What the header of a model says of the memory it will take.
import { readGgufHeader } from './gguf-header.ts'
import type { GgufHeader, GgufTensor, GgufValue } from './gguf-header.ts'
import { repackedTypes } from './repacking.ts'

export type ModelFacts = {
  /** Tokens of the longest context that the model was made for; Infinity when it does not say. */
  readonly contextLength: number
  readonly embeddingLength: number
  readonly headCount: number
  readonly vocabularySize: number
  /** Numbers that the KV cache keeps of one token, in all layers together. */
  readonly keysPerToken: number
  readonly valuesPerToken: number
  /** The weights as they lie in the file. */
  readonly weightBytes: number
  /** Those of them that are laid out anew, so that they are in memory a second time beside the mapped file. */
  readonly repackedBytes: number
  /** The part of these that remains in its first form too, mapped or not: an embedding that is also the output. */
  readonly sharedBytes: number
}

/**
 * Reads the facts of the model at `path`, with all parts of one that is split over several files.
 * @throws Error that says what is wrong with the file and what to do
 */
export async function readModelFacts(path: string): Promise<ModelFacts> {
  const headers: GgufHeader[] = []
  for (const part of partsOf(path)) headers.push(await readGgufHeader(part))
  return modelFacts({ values: headers[0]!.values, tensors: headers.flatMap(({ tensors }) => tensors) })
}

/** @param repacked types that are laid out anew, by ggml's numbers */
export function modelFacts({ values, tensors }: GgufHeader, repacked: ReadonlySet<number> = repackedTypes()): ModelFacts {
  const architecture = String(values.get('general.architecture') ?? '')
  const value = (name: string) => values.get(`${architecture}.${name}`)
  const embeddingLength = numberOf(value('embedding_length'), 0)
  const headCount = numberOf(value('attention.head_count'), 0)
  const headLength = headCount > 0 ? embeddingLength / headCount : 0
  const heads = keyValueHeads(value('attention.head_count_kv') ?? headCount, numberOf(value('block_count'), 0))
  return {
    contextLength: numberOf(value('context_length'), Infinity),
    embeddingLength,
    headCount,
    vocabularySize: vocabularySize(values),
    keysPerToken: heads * numberOf(value('attention.key_length'), headLength),
    valuesPerToken: heads * numberOf(value('attention.value_length'), headLength),
    ...weightFacts(tensors, repacked)
  }
}

/** `name-00001-of-00003.gguf` names its siblings. */
function partsOf(path: string): string[] {
  const [, start, count] = /^(.*-)00001-of-(\d{5})\.gguf$/.exec(path) ?? []
  if (start === undefined || count === undefined) return [path]
  return Array.from({ length: Number(count) }, (_, index) => `${start}${String(index + 1).padStart(5, '0')}-of-${count}.gguf`)
}

/** The heads of all layers; a model may have a number for each layer. */
function keyValueHeads(heads: GgufValue, layers: number): number {
  return typeof heads === 'object' ? heads.numbers.reduce((sum, count) => sum + count, 0) : Number(heads) * layers
}

function weightFacts(tensors: readonly GgufTensor[], repacked: ReadonlySet<number>): Pick<ModelFacts, 'weightBytes' | 'repackedBytes' | 'sharedBytes'> {
  const isTied = !tensors.some(({ name }) => name === 'output.weight')
  const isEmbedding = ({ name }: GgufTensor) => name === 'token_embd.weight'
  const anew = tensors.filter((tensor) => tensor.dimensions.length > 1 && repacked.has(tensor.type) && (isTied || !isEmbedding(tensor)))
  return { weightBytes: bytesOf(tensors), repackedBytes: bytesOf(anew), sharedBytes: bytesOf(anew.filter(isEmbedding)) }
}

function vocabularySize(values: GgufHeader['values']): number {
  const tokens = values.get('tokenizer.ggml.tokens')
  return typeof tokens === 'object' ? tokens.length : 0
}

function bytesOf(tensors: readonly GgufTensor[]): number {
  return tensors.reduce((sum, { bytes }) => sum + bytes, 0)
}

/** A list has one number for each layer: its largest counts. */
function numberOf(value: GgufValue | undefined, otherwise: number): number {
  if (typeof value === 'object') return value.numbers.reduce((most, number) => Math.max(most, number), 0)
  return Number.isFinite(value) ? Number(value) : otherwise
}
