// How much memory a model will take, from its header alone: before any is taken.
import type { ModelFacts } from './model-facts.ts'

/** How the engine will run the model. */
export type FitOptions = {
  /** Tokens of one slot's context; cut to what the model was made for, as the engine does. */
  readonly contextLength: number
  readonly slots: number
  /** Tokens evaluated at once. */
  readonly batchSize: number
  readonly kvCache: 'f16' | 'q8_0'
  readonly hasFlashAttention: boolean
  readonly hasMmap: boolean
  /** Files of LoRA adapters. */
  readonly adapterBytes: number
}

/** Megabytes of 10^6 bytes, each rounded up. */
export type MemoryEstimate = {
  /** The weights, and their second copy where llama.cpp lays them out anew. */
  readonly weightsMb: number
  readonly kvCacheMb: number
  /** What evaluating one batch needs. */
  readonly computeMb: number
  /** The process with llama.cpp and the vocabulary, without weights and context. */
  readonly processMb: number
  readonly totalMb: number
}

const bytesPerNumber = { f16: 2, q8_0: 34 / 32 }
/** llama.cpp rounds contexts up to whole multiples. */
const contextStep = 256
/** Measured: an engine process with a model of almost no size, and what each token of a vocabulary adds. */
const emptyProcessBytes = 150e6
const bytesPerVocabularyEntry = 650
/** Measured: activations, as multiples of the embedding, and the mask of the attention. */
const activationsPerToken = 20
const maskBytes = 12

export function estimateMemory(facts: ModelFacts, options: FitOptions): MemoryEstimate {
  const tokens = Math.ceil(Math.min(options.contextLength, facts.contextLength) / contextStep) * contextStep
  const parts = {
    weightsMb: megabytes(options.adapterBytes + weightBytes(facts, options.hasMmap)),
    kvCacheMb: megabytes(tokens * options.slots * kvBytesPerToken(facts, options)),
    computeMb: megabytes(options.batchSize * computeBytesPerToken(facts, tokens, options.hasFlashAttention)),
    processMb: megabytes(emptyProcessBytes + facts.vocabularySize * bytesPerVocabularyEntry)
  }
  return { ...parts, totalMb: parts.weightsMb + parts.kvCacheMb + parts.computeMb + parts.processMb }
}

/** The longest context of the model, up to the one asked for, with which it takes at most `freeMb`; undefined when there is none. */
export function longestContextThatFits(facts: ModelFacts, options: FitOptions, freeMb: number): number | undefined {
  const fits = (steps: number) => estimateMemory(facts, { ...options, contextLength: steps * contextStep }).totalMb <= freeMb
  let [least, most] = [0, Math.floor(Math.min(options.contextLength, facts.contextLength) / contextStep)]
  while (least < most) {
    const middle = Math.ceil((least + most) / 2)
    if (fits(middle)) least = middle
    else most = middle - 1
  }
  return least > 0 ? least * contextStep : undefined
}

/** Mapped, the whole file counts beside the second copy, although the system may drop its pages when others need them. */
function weightBytes({ weightBytes: file, repackedBytes, sharedBytes }: ModelFacts, hasMmap: boolean): number {
  return file + (hasMmap ? repackedBytes : sharedBytes)
}

/** Without flash attention llama.cpp cannot quantize the values. */
function kvBytesPerToken({ keysPerToken, valuesPerToken }: ModelFacts, { kvCache, hasFlashAttention }: FitOptions): number {
  return keysPerToken * bytesPerNumber[kvCache] + valuesPerToken * bytesPerNumber[hasFlashAttention ? kvCache : 'f16']
}

function computeBytesPerToken({ vocabularySize, embeddingLength, headCount }: ModelFacts, tokens: number, hasFlashAttention: boolean): number {
  const scores = hasFlashAttention ? 0 : headCount * tokens
  return 4 * (vocabularySize + activationsPerToken * embeddingLength + scores) + maskBytes * tokens
}

function megabytes(bytes: number): number {
  return Math.ceil(bytes / 1e6)
}
