// A look at Ollama: whether the model is on its disk and in its memory, and what follows from that.
import type { BackendState } from '../backend.ts'
import { answeredElsewhere, notPulled } from './failures.ts'
import { findLoaded, findStored } from './listing.ts'
import type { LoadedModel } from './listing.ts'
import { ModelAbilities } from './model-abilities.ts'
import type { ModelLoad, ModelLoadOptions } from './model-load.ts'

/** Longest wait for the answer to a look. */
export const lookMs = 5000

export type Known = Omit<BackendState, 'model'>

export class ModelLook {
  readonly #options: ModelLoadOptions
  readonly #load: ModelLoad
  readonly #onLoadEnded: () => void
  readonly #abilities: ModelAbilities
  /** The operator has unloaded the model: requests do not load it. */
  isStopped = false
  #loaded: LoadedModel | undefined
  #refusal: string | undefined
  #sizeBytes: number | undefined
  #warnedContext: number | undefined

  /** @param onLoadEnded called when a load that a look began is over, however that went */
  constructor(options: ModelLoadOptions, load: ModelLoad, onLoadEnded: () => void) {
    this.#options = options
    this.#load = load
    this.#onLoadEnded = onLoadEnded
    this.#abilities = new ModelAbilities(options.api)
  }

  get isLoaded(): boolean {
    return this.#loaded !== undefined
  }

  /** Why no prompt may be sent, when that is so. */
  get refusal(): string | undefined {
    return this.#refusal
  }

  /** Of the model on Ollama's disk, once a look has told. */
  get sizeBytes(): number | undefined {
    return this.#sizeBytes
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

  /** Looks now. Has the model loaded where it should be in memory and is not. @throws when Ollama does not answer */
  async take(): Promise<Known> {
    const { api } = this.#options
    this.#loaded = await findLoaded(api, AbortSignal.timeout(lookMs))
    if (this.isStopped) return this.stopped()
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

  /** What it means that the operator has unloaded the model. */
  stopped(): Known {
    const status = this.#loaded === undefined ? 'unloaded' : 'unloading'
    return { status, loadsOnDemand: false, reason: `Model ${this.#options.settings.model} was unloaded from Ollama on request: POST /switch/models/load loads it again.` }
  }

  startLoad(): void {
    // A load with keep_alive 0 would be an unload.
    if (this.#options.settings.keepAliveSeconds !== 0) this.#load.start(this.#onLoadEnded)
  }

  /** What the last look saw is no longer so. */
  lost(): void {
    this.#loaded = undefined
    this.#load.forget()
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

  /** With a limited keep-alive an idle model is out of memory on purpose: the next request loads it. */
  #unloaded(): Known {
    const { keepAliveSeconds } = this.#options.settings
    if (keepAliveSeconds === 0 || (keepAliveSeconds > 0 && this.#load.isDone)) return { status: 'ready' }
    this.#load.forget()
    this.startLoad()
    return this.#load.state()
  }
}
