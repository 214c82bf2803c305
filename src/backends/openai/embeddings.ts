// Vectors of texts: POST /embeddings, and what comes back.
import type { Dispatcher } from 'undici'
import type { EmbeddingRequest, Embeddings } from '../../inference/embedding.ts'
import { BackendError } from '../../inference/failure.ts'
import type { TraceContext } from '../../inference/trace-context.ts'
import { untilAborted } from '../until-aborted.ts'
import type { Failures } from './failures.ts'
import { errorIn, errorOfReply } from './provider-error.ts'
import { retryAfterSeconds } from './retry-after.ts'
import type { Transport } from './transport.ts'
import { isCount } from './usage.ts'
import { isWire, parseWire } from './wire.ts'
import type { Wire } from './wire.ts'

/** Room for 2048 vectors of 4096 numbers as JSON. */
const maxBytes = 256 * 1024 * 1024

export type EmbeddingServer = { readonly transport: Transport, readonly failures: Failures, readonly model: string }

/**
 * @throws BackendError when no vectors came
 * @throws the reason of `signal`
 */
export async function embed(server: EmbeddingServer, { texts, dimensions, trace }: EmbeddingRequest, signal: AbortSignal): Promise<Embeddings> {
  const { model, failures } = server
  const wire = await ask(server, JSON.stringify({ model, input: texts, encoding_format: 'float', dimensions }), signal, trace)
  const error = errorIn(wire)
  if (error) throw failures.provider(error)
  const tokens = isWire(wire['usage']) ? wire['usage']['prompt_tokens'] : undefined
  return { model: typeof wire['model'] === 'string' && wire['model'] !== '' ? wire['model'] : model, vectors: vectorsOf(wire, texts.length, failures), promptTokens: isCount(tokens) ? tokens : 0 }
}

async function ask({ transport, failures }: EmbeddingServer, body: string, signal: AbortSignal, trace: TraceContext | undefined): Promise<Wire> {
  signal.throwIfAborted()
  let hasBytes = false
  try {
    const response = await untilAborted(transport.ask('/embeddings', body, signal, trace), signal)
    hasBytes = true
    const text = await read(response.body)
    signal.throwIfAborted()
    return wireOf(response, text, failures)
  } catch (cause) {
    signal.throwIfAborted()
    throw cause instanceof BackendError ? cause : failures.transport(cause, hasBytes)
  }
}

/** What is longer is cut, and no JSON then. */
async function read(body: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of body) {
    parts.push(part)
    bytes += part.length
    if (bytes > maxBytes) break
  }
  return Buffer.concat(parts).toString()
}

function wireOf({ statusCode: status, headers }: Dispatcher.ResponseData, text: string, failures: Failures): Wire {
  if (status >= 400) throw failures.provider(errorOfReply(status, text), retryAfterSeconds(headers))
  if (status >= 300) throw failures.of('protocol', `answered with a redirect (${status}). Set its base_url to where it really is.`, { status })
  const wire = parseWire(text)
  if (!wire) throw failures.of('protocol', 'sent embeddings that are no JSON object. Check its base_url.', { status })
  return wire
}

/** In the order of the texts: `index` says which one a vector is of, its place where there is none. */
function vectorsOf({ data }: Wire, count: number, failures: Failures): number[][] {
  const vectors: number[][] = []
  for (const [place, item] of (Array.isArray(data) ? data : []).entries()) {
    if (isWire(item) && isVector(item['embedding'])) vectors[Number(item['index'] ?? place)] = item['embedding']
  }
  for (let index = 0; index < count; index++) {
    if (vectors[index] === undefined) throw failures.of('protocol', `sent no vector of text ${index + 1} of ${count}.`)
  }
  return vectors.slice(0, count)
}

function isVector(value: unknown): value is number[] {
  return Array.isArray(value) && value.length > 0 && value.every((number) => Number.isFinite(number))
}
