// Knows whether the model can answer: from free looks at Ollama every few seconds, and from what real requests met.
import { setTimeout as sleep } from 'node:timers/promises'
import type { BackendState } from '../backend.ts'
import { unloadBody } from './chat-body.ts'
import { BackendError } from '../../inference/failure.ts'
import { answeredElsewhere, notPulled } from './failures.ts'
import { findLoaded, findStored } from './listing.ts'
import type { LoadedModel } from './listing.ts'
import { ModelAbilities } from './model-abilities.ts'
import { ModelLoad } from './model-load.ts'
import type { ModelLoadOptions } from './model-load.ts'

const lookEveryMs = 10_000
/** Longest wait for the answer to a look. */
const lookMs = 5000
const firstRetryMs = 500
/** An unload happens behind Ollama's answer; this is how often, and how long, it is looked for. */
const unloadLookMs = 200
const longestUnloadMs = 60_000

type Known = Omit<BackendState, 'model'>

/** Failures of real requests that tell something of the next one, too. */
const telling = new Set(['connection', 'network_down', 'model_not_found', 'out_of_memory'])

export class ModelWatch {
  readonly #options: ModelLoadOptions
  readonly #load: ModelLoad
  readonly #abilities: ModelAbilities
  #phase: 'new' | 'running' | 'closed' = 'new'
  #known: Known
  #loaded: LoadedModel | undefined
  /** Why no prompt may be sent, when that is so. */
  #refusal: string | undefined
  #timer: NodeJS.Timeout | undefined
  #rounds: Promise<void> = Promise.resolve()
  /** The operator has unloaded the model: requests do not load it. */
  #isStopped = false
  #sizeBytes: number | undefined
  #missedLooks = 0
  #warnedContext: number | undefined

  constructor(options: ModelLoadOptions) {
    this.#options = options
    this.#load = new ModelLoad(options)
    this.#abilities = new ModelAbilities(options.api)
    this.#known = this.#load.state()
  }

  /** Looks now and from now on, and has the model loaded. Returns at once. */
  start(): void {
    if (this.#phase !== 'new') return
    this.#phase = 'running'
    this.#lookSoon()
  }

  close(): void {
    this.#phase = 'closed'
    clearTimeout(this.#timer)
    this.#known = { status: 'failed', reason: 'Switch is shutting down.' }
  }

  state(): BackendState {
    return { ...this.#known, model: this.#options.settings.model }
  }

  /** Of the model on Ollama's disk, once a look has told. */
  get sizeBytes(): number | undefined {
    return this.#sizeBytes
  }

  /** Loads the model now. @throws BackendError when that fails */
  async load(): Promise<void> {
    this.#isStopped = false
    if (this.#options.settings.keepAliveSeconds !== 0) await this.#load.now()
    await this.#lookNow()
  }

  /**
   * Has Ollama unload the model when it has answered its requests; new ones are refused from now on.
   * @returns megabytes that it took, where Ollama told
   * @throws BackendError
   */
  async unload(): Promise<number | undefined> {
    const { memoryUsageMb } = this.#known
    const { api, settings } = this.#options
    this.#isStopped = true
    await api.json({ method: 'POST', path: '/api/chat', body: unloadBody(settings) }, AbortSignal.timeout(longestUnloadMs))
    const end = performance.now() + longestUnloadMs
    while (await findLoaded(api, AbortSignal.timeout(lookMs)) !== undefined && performance.now() < end) await sleep(unloadLookMs)
    this.#lost()
    await this.#lookNow()
    return memoryUsageMb
  }

  /** The context it was really loaded with, when that is known to be shorter than the configured one. */
  get contextLength(): number {
    const { contextLength } = this.#options.settings
    return Math.min(this.#loaded?.context_length || contextLength, contextLength)
  }

  /** What the model can do in Ollama's words; undefined: not known yet. */
  get abilities(): ReadonlySet<string> | undefined {
    return this.#abilities.known
  }

  /** @throws BackendError when a prompt would leave the operator's machines */
  admit(): void {
    const { api: { server } } = this.#options
    if (this.#refusal !== undefined) throw new BackendError(server.backend, 'model_unavailable', this.#refusal)
    if (this.#isStopped) throw new BackendError(server.backend, 'model_unavailable', this.#stopped().reason!)
    // An idle model that Ollama dropped: the load must not hang on this caller's patience.
    if (this.#phase === 'running' && this.#known.status !== 'failed' && this.#loaded === undefined) this.#startLoad()
  }

  /** A request is being answered. */
  answers(): void {
    if (this.#phase === 'closed') return
    if (this.#isStopped) return
    this.#load.succeeded()
    if (this.#known.status !== 'ready') this.#enter({ status: 'ready' })
  }

  /** A request failed. */
  fails(error: unknown): void {
    if (!(error instanceof BackendError) || !telling.has(error.reason)) return
    this.#lost()
    this.#enter({ status: 'failed', reason: error.message })
  }

  /** One look after the other, never two at once. */
  #lookSoon(): void {
    clearTimeout(this.#timer)
    this.#rounds = this.#rounds.then(() => this.#round())
  }

  #lookNow(): Promise<void> {
    this.#lookSoon()
    return this.#rounds
  }

  async #round(): Promise<void> {
    if (this.#phase !== 'running') return
    let pauseMs = lookEveryMs
    try {
      this.#enter(await this.#look())
      this.#missedLooks = 0
    } catch (error) {
      pauseMs = Math.min(lookEveryMs, firstRetryMs * 2 ** this.#missedLooks++)
      this.#lost()
      this.#enter({ status: 'failed', reason: this.#unreachable(error), retryAfterSeconds: Math.ceil(pauseMs / 1000) })
    }
    clearTimeout(this.#timer)
    if (this.#isRunning()) this.#timer = setTimeout(() => this.#lookSoon(), pauseMs).unref()
  }

  async #look(): Promise<Known> {
    const { api } = this.#options
    this.#loaded = await findLoaded(api, AbortSignal.timeout(lookMs))
    if (this.#isStopped) return this.#stopped()
    if (this.#loaded !== undefined && this.#load.isDone) return this.#present(this.#loaded)
    const stored = await findStored(api, AbortSignal.timeout(lookMs))
    if (stored === undefined) return this.#absent()
    this.#sizeBytes = stored.size ?? undefined
    const remote = stored.remote_host ?? stored.remote_model
    this.#refusal = remote ? answeredElsewhere(api.server, remote) : undefined
    if (this.#refusal !== undefined) return { status: 'failed', reason: this.#refusal }
    await this.#abilities.learn()
    return this.#unloaded()
  }

  async #present({ size }: LoadedModel): Promise<Known> {
    await this.#abilities.learn()
    this.#warnOfShortContext()
    return { status: 'ready', ...(typeof size === 'number' && { memoryUsageMb: Math.round(size / 1e6) }) }
  }

  #warnOfShortContext(): void {
    const { settings: { model, contextLength: configured }, api, log } = this.#options
    const { contextLength } = this
    if (contextLength !== configured && contextLength !== this.#warnedContext) {
      log?.warn({ backend: api.server.backend, model, context_length: contextLength, configured }, 'Ollama loaded the model with a shorter context than configured')
    }
    this.#warnedContext = contextLength
  }

  #absent(): Known {
    this.#load.forget()
    this.#abilities.forget()
    return { status: 'failed', reason: notPulled(this.#options.api.server) }
  }

  #stopped(): Known {
    const status = this.#loaded === undefined ? 'unloaded' : 'unloading'
    return { status, loadsOnDemand: false, reason: `Model ${this.#options.settings.model} was unloaded from Ollama on request: POST /switch/models/load loads it again.` }
  }

  /** With a limited keep-alive an idle model is out of memory on purpose: the next request loads it. */
  #unloaded(): Known {
    const { keepAliveSeconds } = this.#options.settings
    if (keepAliveSeconds === 0 || (keepAliveSeconds > 0 && this.#load.isDone)) return { status: 'ready' }
    this.#load.forget()
    this.#startLoad()
    return this.#load.state()
  }

  #startLoad(): void {
    // A load with keep_alive 0 would be an unload.
    if (this.#options.settings.keepAliveSeconds !== 0) this.#load.start(() => this.#lookSoon())
  }

  #lost(): void {
    this.#loaded = undefined
    this.#load.forget()
  }

  #enter(known: Known): void {
    if (this.#phase === 'closed') return
    const { api, settings: { model }, log } = this.#options
    if (known.status !== this.#known.status || (known.status === 'failed' && known.reason !== this.#known.reason)) {
      log?.[known.status === 'failed' ? 'warn' : 'info']({ backend: api.server.backend, model, reason: known.reason }, `Ollama model ${known.status}`)
    }
    this.#known = known
  }

  #isRunning(): boolean {
    return this.#phase === 'running'
  }

  #unreachable(error: unknown): string {
    const { url } = this.#options.api.server
    return error instanceof BackendError ? error.message : `Ollama at ${url} did not answer within ${lookMs / 1000} s. Restart it if that goes on.`
  }
}
