// Loads the model by a request of its own: a caller who leaves while Ollama loads would make it give up the load.
import type { BackendState } from '../backend.ts'
import type { Clock } from '../../inference/clock.ts'
import { BackendError } from '../../inference/failure.ts'
import type { Log } from '../../observability/log.ts'
import type { OllamaApi } from './api.ts'
import { loadBody } from './chat-body.ts'
import { streamedFailure } from './failures.ts'
import type { OllamaSettings } from './settings.ts'

/** Ollama gives up a load by itself; this ends only a request whose server vanished. */
const longestLoadMs = 30 * 60_000
const firstPauseMs = 10_000
const longestPauseMs = 120_000

export type ModelLoadOptions = { readonly api: OllamaApi, readonly settings: OllamaSettings, readonly clock: Clock, readonly log: Log | undefined }

/** At most one load at a time, and a pause after each that grows while they fail. */
export class ModelLoad {
  readonly #options: ModelLoadOptions
  /** Settles when the load under way is over. */
  #running: Promise<void> | undefined
  /** True when the model was loaded with our settings and nothing has shown since that it is gone. */
  #isDone = false
  #failures = 0
  #failure: BackendError | undefined
  #nextAt = 0

  constructor(options: ModelLoadOptions) {
    this.#options = options
  }

  get isDone(): boolean {
    return this.#isDone
  }

  /** Starts a load unless one runs or the last one is too fresh. `ended` is called when it is over, however that went. */
  start(ended: () => void): void {
    if (this.#running !== undefined || this.#options.clock.now() < this.#nextAt) return
    void this.#begin().finally(ended)
  }

  /** Joins the load under way, or starts one, however fresh the last one is. @throws BackendError when it fails */
  async now(): Promise<void> {
    await (this.#running ?? this.#begin())
    if (this.#isDone) return
    const { api: { server }, settings: { model } } = this.#options
    throw this.#failure ?? new BackendError(server.backend, 'connection', `Ollama at ${server.url} could not be reached to load ${model}. Start it and try again.`)
  }

  /** An answer shows that the model is loaded. */
  succeeded(): void {
    this.#isDone = true
    this.#failures = 0
    this.#failure = undefined
  }

  /** The model is gone from memory. */
  forget(): void {
    this.#isDone = false
  }

  /** What a model that is not in memory means. */
  state(): Pick<BackendState, 'status' | 'reason' | 'retryAfterSeconds'> {
    const { settings: { model }, api: { server: { url } }, clock } = this.#options
    if (this.#running !== undefined || this.#failure === undefined) return { status: 'loading', reason: `Ollama at ${url} is loading the model ${model}.`, retryAfterSeconds: 1 }
    const retryAfterSeconds = Math.max(1, Math.ceil((this.#nextAt - clock.now()) / 1000))
    const status = this.#failure.reason === 'rate_limited' ? 'loading' : 'failed'
    return { status, reason: `Model ${model} could not be loaded: ${this.#failure.message} Next try in ${retryAfterSeconds} s.`, retryAfterSeconds }
  }

  #begin(): Promise<void> {
    this.#running = this.#run().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  async #run(): Promise<void> {
    const { api, settings, clock, log } = this.#options
    try {
      const answer = await api.json({ method: 'POST', path: '/api/chat', body: loadBody(settings) }, AbortSignal.timeout(longestLoadMs))
      const { error } = (answer ?? {}) as { error?: unknown }
      if (error !== undefined) throw streamedFailure(api.server, error, false)
      this.succeeded()
      log?.info({ backend: api.server.backend, model: settings.model, url: api.server.url }, 'model loaded by Ollama')
    } catch (error) {
      this.#failed(error)
    }
    this.#nextAt = clock.now() + Math.min(longestPauseMs, firstPauseMs * 2 ** Math.max(0, this.#failures - 1))
  }

  /** A server that is away is the business of the watch: the load follows as soon as it is back. */
  #failed(error: unknown): void {
    const { api: { server }, settings: { model }, log } = this.#options
    if (error instanceof BackendError && (error.reason === 'connection' || error.reason === 'network_down' || error.reason === 'stream_cut')) return
    this.#failures++
    this.#failure = error instanceof BackendError ? error : new BackendError(server.backend, 'model_unavailable', 'Ollama did not finish loading in time.', { cause: error })
    log?.error({ backend: server.backend, model, err: error }, 'loading the model in Ollama failed')
  }
}
