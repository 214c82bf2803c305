// Vectors of texts: what is asked of a backend, and what comes back. Types only.
import type { TraceContext } from './trace-context.ts'

export type EmbeddingRequest = {
  /** At least one text, none empty. */
  readonly texts: readonly string[]
  /** The model that the caller named, for a backend that takes any. */
  readonly model?: string
  /** Length of the vectors, for models that can shorten them. */
  readonly dimensions?: number
  /** What a remote backend is told of the trace. */
  readonly trace?: TraceContext
}

export type Embeddings = {
  /** What really answered. */
  readonly model: string
  /** One for each text, in their order. */
  readonly vectors: readonly (readonly number[])[]
  /** Tokens of all texts together. */
  readonly promptTokens: number
}
