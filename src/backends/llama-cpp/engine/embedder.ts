// Makes vectors of texts with an embedding model.
import type { LlamaEmbeddingContext, LlamaModel } from 'node-llama-cpp'
import type { EmbeddingRequest } from '../../../inference/embedding.ts'
import { PromptTooLong } from './prompt/prompt-too-long.ts'
import { Rejected } from './rejected.ts'

/** Architectures that read a text in both directions and write none. */
const embeddingArchitectures = new Set(['bert', 'nomic-bert', 'nomic-bert-moe', 'jina-bert-v2', 'jina-bert-v3', 'modern-bert', 'neo-bert', 'eurobert', 'gemma-embedding', 'llama-embed'])
/** Ways in which the vectors of tokens become one of the text: mean, first, last. */
const poolings = new Set([1, 2, 3])

/** Whether a model makes vectors instead of text: its file says so. */
export function isEmbeddingModel({ fileInfo: { metadata, architectureMetadata } }: LlamaModel): boolean {
  const { pooling_type: pooling } = architectureMetadata as { readonly pooling_type?: number }
  return embeddingArchitectures.has(metadata.general.architecture) || poolings.has(pooling ?? 0)
}

/** One text after the other, however many ask. */
export class Embedder {
  readonly #context: LlamaEmbeddingContext
  readonly #contextLength: number
  #last: Promise<unknown> = Promise.resolve()

  private constructor(context: LlamaEmbeddingContext, contextLength: number) {
    this.#context = context
    this.#contextLength = contextLength
  }

  /** A text is evaluated in one batch: its tokens see each other. */
  static async create(model: LlamaModel, contextLength: number, threads: number): Promise<Embedder> {
    const context = await model.createEmbeddingContext({ contextSize: contextLength, batchSize: contextLength, threads })
    return new Embedder(context, contextLength)
  }

  /** Vectors of length 1. Throws the signal's reason between two texts. */
  embed({ texts, dimensions }: EmbeddingRequest, signal: AbortSignal, onProgress: () => void): Promise<{ vectors: number[][], promptTokens: number }> {
    const work = this.#last.then(async () => {
      const lengths = texts.map((text) => this.#lengthOf(text))
      const vectors: number[][] = []
      for (const text of texts) {
        signal.throwIfAborted()
        vectors.push(await this.#vectorOf(text, dimensions))
        onProgress()
      }
      return { vectors, promptTokens: lengths.reduce((sum, length) => sum + length, 0) }
    })
    this.#last = work.catch(() => undefined)
    return work
  }

  #lengthOf(text: string): number {
    const length = this.#context.calculateInputLength(text)
    if (length >= this.#contextLength) throw new PromptTooLong(length, this.#contextLength)
    return length
  }

  async #vectorOf(text: string, dimensions: number | undefined): Promise<number[]> {
    const { vector } = await this.#context.getEmbeddingFor(text)
    if (dimensions !== undefined && dimensions !== vector.length) throw new Rejected(`Its vectors have ${vector.length} numbers and cannot be shortened to ${dimensions}. Leave dimensions out.`)
    const length = Math.hypot(...vector)
    return length === 0 ? [...vector] : vector.map((value) => value / length)
  }
}
