// POST /v1/embeddings: vectors of texts.
import { endianness } from 'node:os'
import type { FastifyInstance } from 'fastify'
import { startEmbedding } from '../../inference/embedding-run.ts'
import type { EmbeddingResult } from '../../inference/embedding-run.ts'
import type { ObservedAnswer } from '../../inference/observer.ts'
import type { InferenceRouteOptions } from '../inference-reply.ts'
import { addReceiptHeaders } from '../receipt-headers.ts'
import { embeddingBodySchema, toEmbeddingRequest } from './embeddings-schema.ts'
import type { EmbeddingBody } from './embeddings-schema.ts'
import { requestOptions } from './request-options.ts'

export async function embeddingsRoute(app: FastifyInstance, { service, defaultTimeoutSeconds }: InferenceRouteOptions): Promise<void> {
  app.post<{ Body: EmbeddingBody }>('/v1/embeddings', { schema: { body: embeddingBodySchema } }, async (request, reply) => {
    const { body, logFacts, observer } = request
    const embedding = startEmbedding(service, toEmbeddingRequest(body), requestOptions(request, body, defaultTimeoutSeconds))
    Object.assign(logFacts, { inference_id: embedding.id, attempts: embedding.attempts })
    try {
      const result = await embedding.run(observer)
      Object.assign(logFacts, { model: result.embeddings.model, source: result.backend.source, tokens_used: result.embeddings.promptTokens })
      observer?.answered(observed(embedding.id, result))
      return embeddingList(result, body.encoding_format ?? 'float')
    } finally {
      addReceiptHeaders(reply, embedding)
    }
  })
}

function observed(inferenceId: string, { embeddings: { model, promptTokens }, backend: { source, name } }: EmbeddingResult): ObservedAnswer {
  return { inferenceId, source, backend: name, model, isDegraded: false, usage: { prompt_tokens: promptTokens, completion_tokens: 0, total_tokens: promptTokens } }
}

function embeddingList({ embeddings: { model, vectors, promptTokens } }: EmbeddingResult, format: 'float' | 'base64'): object {
  const encode = format === 'float' ? (vector: readonly number[]) => vector : toBase64
  return {
    object: 'list',
    data: vectors.map((vector, index) => ({ object: 'embedding', index, embedding: encode(vector) })),
    model,
    usage: { prompt_tokens: promptTokens, total_tokens: promptTokens }
  }
}

/** Floats of 32 bits, little-endian, as clients of OpenAI read them. */
function toBase64(vector: readonly number[]): string {
  const bytes = Buffer.from(Float32Array.from(vector).buffer)
  return (endianness() === 'LE' ? bytes : bytes.swap32()).toString('base64')
}
