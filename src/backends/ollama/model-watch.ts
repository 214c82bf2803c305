// Knows whether the model can answer: from free looks at Ollama every few seconds, and from what real requests met.
import { setTimeout as sleep } from 'node:timers/promises'
import type { BackendState } from '../backend.ts'
import { BackendError } from '../../inference/failure.ts'
import { unloadBody } from './chat-body.ts'
import { findLoaded } from './listing.ts'
import { LookRounds } from './look-rounds.ts'
import { ModelLoad } from './model-load.ts'
import type { ModelLoadOptions } from './model-load.ts'
import { ModelLook, lookMs } from './model-look.ts'
import type { Known } from './model-look.ts'

/** An unload happens behind Ollama's answer; this is how often, and how long, it is looked for. */
const unloadLookMs = 200
const longestUnloadMs = 60_000

/** Failures of real requests that tell something of the next one, too. */
const telling = new Set(['connection', 'network_down', 'model_not_found', 'out_of_memory'])

export class ModelWatch {
  readonly #options: ModelLoadOptions
  readonly #load: ModelLoad
  readonly #look: ModelLook
  readonly #rounds: LookRounds
  #known: Known

  constructor(options: ModelLoadOptions) {
    this.#options = options
    this.#load = new ModelLoad(options)
    this.#look = new ModelLook(options, this.#load, () => void this.#rounds.now())
    this.#rounds = new LookRounds({
      look: async () => this.#enter(await this.#look.take()),
      onMissed: (error, pauseMs) => this.#missed(error, pauseMs)
    })
    this.#known = this.#load.state()
  }

  /** Looks now and from now on, and has the model loaded. Returns at once. */
  start(): void {
    this.#rounds.start()
  }

  close(): void {
    this.#rounds.close()
    this.#known = { status: 'failed', reason: 'Switch is shutting down.' }
  }

  state(): BackendState {
    return { ...this.#known, model: this.#options.settings.model }
  }

  /** Of the model on Ollama's disk, once a look has told. */
  get sizeBytes(): number | undefined {
    return this.#look.sizeBytes
  }

  /** The context it was really loaded with, when that is known to be shorter than the configured one. */
  get contextLength(): number {
    return this.#look.contextLength
  }

  /** What the model can do in Ollama's words; undefined: not known yet. */
  get abilities(): ReadonlySet<string> | undefined {
    return this.#look.abilities
  }

  /** Loads the model now. @throws BackendError when that fails */
  async load(): Promise<void> {
    this.#look.isStopped = false
    if (this.#options.settings.keepAliveSeconds !== 0) await this.#load.now()
    await this.#rounds.now()
  }

  /**
   * Has Ollama unload the model when it has answered its requests; new ones are refused from now on.
   * @returns megabytes that it took, where Ollama told
   * @throws BackendError
   */
  async unload(): Promise<number | undefined> {
    const { memoryUsageMb } = this.#known
    const { api, settings } = this.#options
    this.#look.isStopped = true
    await api.json({ method: 'POST', path: '/api/chat', body: unloadBody(settings) }, AbortSignal.timeout(longestUnloadMs))
    const end = performance.now() + longestUnloadMs
    while (await findLoaded(api, AbortSignal.timeout(lookMs)) !== undefined && performance.now() < end) await sleep(unloadLookMs)
    this.#look.lost()
    await this.#rounds.now()
    return memoryUsageMb
  }

  /** @throws BackendError when a prompt would leave the operator's machines */
  admit(): void {
    const { api: { server } } = this.#options
    const { refusal, isStopped, isLoaded } = this.#look
    if (refusal !== undefined) throw new BackendError(server.backend, 'model_unavailable', refusal)
    if (isStopped) throw new BackendError(server.backend, 'model_unavailable', this.#look.stopped().reason!)
    // An idle model that Ollama dropped: the load must not hang on this caller's patience.
    if (this.#rounds.isRunning && this.#known.status !== 'failed' && !isLoaded) this.#look.startLoad()
  }

  /** A request is being answered. */
  answers(): void {
    if (this.#rounds.isClosed || this.#look.isStopped) return
    this.#load.succeeded()
    if (this.#known.status !== 'ready') this.#enter({ status: 'ready' })
  }

  /** A request failed. */
  fails(error: unknown): void {
    if (!(error instanceof BackendError) || !telling.has(error.reason)) return
    this.#look.lost()
    this.#enter({ status: 'failed', reason: error.message })
  }

  #missed(error: unknown, pauseMs: number): void {
    this.#look.lost()
    this.#enter({ status: 'failed', reason: this.#unreachable(error), retryAfterSeconds: Math.ceil(pauseMs / 1000) })
  }

  #enter(known: Known): void {
    if (this.#rounds.isClosed) return
    const { api, settings: { model }, log } = this.#options
    if (known.status !== this.#known.status || (known.status === 'failed' && known.reason !== this.#known.reason)) {
      log?.[known.status === 'failed' ? 'warn' : 'info']({ backend: api.server.backend, model, reason: known.reason }, `Ollama model ${known.status}`)
    }
    this.#known = known
  }

  #unreachable(error: unknown): string {
    const { url } = this.#options.api.server
    return error instanceof BackendError ? error.message : `Ollama at ${url} did not answer within ${lookMs / 1000} s. Restart it if that goes on.`
  }
}
