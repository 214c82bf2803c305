// Vectors of texts: POST /api/embed, and what comes back.
import { z } from 'zod'
import type { EmbeddingRequest, Embeddings } from '../../inference/embedding.ts'
import { BackendError } from '../../inference/failure.ts'
import type { TraceContext } from '../../inference/trace-context.ts'
import type { OllamaApi } from './api.ts'
import { answeredElsewhere, notPulled, protocolFailure } from './failures.ts'
import { findStored } from './listing.ts'

export type EmbedBody = {
  model: string
  input: readonly string[]
  /** A text that is too long is refused, not cut. */
  truncate: false
  dimensions?: number
  keep_alive: number
  options?: { num_ctx: number }
}

/** Room for 2048 vectors of 4096 numbers as JSON. */
const longestBytes = 256 * 1024 * 1024

const wireEmbeddings = z.object({
  model: z.string().min(1).optional().catch(undefined),
  embeddings: z.array(z.array(z.number()).min(1)),
  prompt_eval_count: z.int().nonnegative().optional().catch(undefined)
})

export type EmbeddingOptions = {
  readonly keepAliveSeconds: number
  /** Of the model that answers too: its own value, for another would reload it. Absent: Ollama's choice. */
  readonly contextLength?: number
}

/**
 * Vectors of the model of `api.server`.
 * @throws BackendError when none came; `rejected` without a status when the model is not there, or elsewhere than on the operator's machines
 * @throws the reason of `signal`
 */
export async function embed(api: OllamaApi, { texts, dimensions, trace }: EmbeddingRequest, { keepAliveSeconds, contextLength }: EmbeddingOptions, signal: AbortSignal): Promise<Embeddings> {
  const { server } = api
  const body: EmbedBody = {
    model: server.model, input: texts, truncate: false, keep_alive: keepAliveSeconds,
    ...(dimensions !== undefined && { dimensions }), ...(contextLength !== undefined && { options: { num_ctx: contextLength } })
  }
  const { success, data } = wireEmbeddings.safeParse(await ask(api, body, signal, trace))
  if (!success || data.embeddings.length !== texts.length) throw protocolFailure(server, '/api/embed gives no vector for each text')
  return { model: data.model ?? server.model, vectors: data.embeddings, promptTokens: data.prompt_eval_count ?? 0 }
}

/** What is wrong with this model says nothing of the one that answers. */
async function ask(api: OllamaApi, body: EmbedBody, signal: AbortSignal, trace: TraceContext | undefined): Promise<unknown> {
  try {
    await requireHere(api, signal)
    return await api.json({ method: 'POST', path: '/api/embed', body, longestBytes, trace }, signal)
  } catch (error) {
    const isOfModel = error instanceof BackendError && (error.reason === 'model_not_found' || error.reason === 'model_unavailable')
    throw isOfModel ? new BackendError(error.backend, 'rejected', error.message, { cause: error }) : error
  }
}

/** Ollama hands texts for a stub on to another machine without a word. */
async function requireHere(api: OllamaApi, signal: AbortSignal): Promise<void> {
  const { server } = api
  const stored = await findStored(api, signal)
  if (stored === undefined) throw new BackendError(server.backend, 'model_not_found', notPulled(server))
  const remote = stored.remote_host ?? stored.remote_model
  if (remote) throw new BackendError(server.backend, 'model_unavailable', answeredElsewhere(server, remote))
}
