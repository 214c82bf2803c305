// The generations and embeddings of one living engine: each has its stream, all share the connection.
import { Readable } from 'node:stream'
import { BackendError } from '../../inference/failure.ts'
import type { EmbeddingRequest, Embeddings } from '../../inference/embedding.ts'
import type { InferenceEvent, InferenceRequest } from '../../inference/request.ts'
import type { EngineConnection, EngineFailure, GenerationStep, ToEngine } from './protocol.ts'

type OpenGeneration = {
  /** Events, or the one result, in order, ended or destroyed with the failure. */
  readonly events: Readable
  /** Resolves when the engine has let go of the slot, or is dead. */
  readonly ended: Promise<void>
  readonly end: () => void
}

/** Lives as long as its engine process. */
export class EngineSession {
  readonly #backend: string
  /** The name that its answers carry. */
  readonly model: string
  readonly #connection: EngineConnection
  readonly #generations = new Map<number, OpenGeneration>()
  #lastId = 0

  constructor(backend: string, model: string, connection: EngineConnection) {
    this.#backend = backend
    this.model = model
    this.#connection = connection
  }

  /** See Backend.generate. */
  generate(request: InferenceRequest, signal: AbortSignal): AsyncGenerator<InferenceEvent, void> {
    return this.#stream((id) => ({ type: 'generate', id, request }), signal)
  }

  /** See Backend.embed. */
  async embed(request: EmbeddingRequest, signal: AbortSignal): Promise<Omit<Embeddings, 'model'>> {
    const results = this.#stream<Omit<Embeddings, 'model'>>((id) => ({ type: 'embed', id, request }), signal)
    for await (const result of results) return result
    throw new BackendError(this.#backend, 'internal', 'The local engine gave no vectors.')
  }

  async *#stream<Item>(messageOf: (id: number) => ToEngine, signal: AbortSignal): AsyncGenerator<Item, void> {
    signal.throwIfAborted()
    const id = ++this.#lastId
    const generation = this.#open(id)
    const abort = () => {
      this.#connection.send({ type: 'abort', id })
      generation.events.destroy()
    }
    signal.addEventListener('abort', abort, { once: true })
    this.#connection.send(messageOf(id))
    try {
      yield* generation.events as AsyncIterable<Item>
    } catch (error) {
      if (!signal.aborted) throw error
    } finally {
      signal.removeEventListener('abort', abort)
      if (this.#generations.has(id)) abort()
      await generation.ended
    }
    signal.throwIfAborted()
  }

  /** Hands steps from the engine to their generations. */
  receive(steps: readonly GenerationStep[]): void {
    for (const step of steps) {
      const generation = this.#generations.get(step.id)
      if (generation === undefined) continue
      if (step.type === 'event') generation.events.push(step.event.type === 'finish' ? { ...step.event, model: this.model } : step.event)
      else if (step.type === 'embedded') generation.events.push({ vectors: step.vectors, promptTokens: step.promptTokens })
      else this.#close(step.id, generation, step.failure)
    }
  }

  /** The engine is dead: every generation fails, and says `cause`. */
  died(cause: string): void {
    for (const [id, generation] of this.#generations) {
      this.#generations.delete(id)
      generation.events.destroy(new BackendError(this.#backend, 'engine_died', `The local engine died in the middle of the answer: ${cause}. It is being restarted; send the request again.`, { retryAfterSeconds: 1 }))
      generation.end()
    }
  }

  #open(id: number): OpenGeneration {
    const { promise: ended, resolve: end } = Promise.withResolvers<void>()
    const events = new Readable({ objectMode: true, read: () => undefined })
    // A failure that nobody reads any more is no crash.
    events.on('error', () => undefined)
    const generation = { events, ended, end }
    this.#generations.set(id, generation)
    return generation
  }

  #close(id: number, { events, end }: OpenGeneration, failure: EngineFailure | undefined): void {
    this.#generations.delete(id)
    if (failure) events.destroy(new BackendError(this.#backend, failure.reason, failure.message, { facts: failure.facts ?? {} }))
    else events.push(null)
    end()
  }
}
