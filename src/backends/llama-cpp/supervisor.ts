// Keeps one engine: starts it, restarts it with back-off, unloads it when it idles, and knows its state.
import type { BackendState } from '../backend.ts'
import { untilAborted } from '../until-aborted.ts'
import { BackendError } from '../../inference/failure.ts'
import { DoesNotFit } from '../../models/memory-budget.ts'
import type { MemoryClaim } from '../../models/memory-claim.ts'
import { stateOf } from './engine-phase.ts'
import type { Phase } from './engine-phase.ts'
import { EngineRun } from './engine-run.ts'
import type { EngineEnd, EngineRunOptions } from './engine-run.ts'
import { EngineUses } from './engine-uses.ts'
import { LoadRecord } from './load-record.ts'
import type { EngineFacts } from './protocol.ts'
import { RestartRecord } from './restart-record.ts'
import type { EngineSession } from './session.ts'

export type SupervisorOptions = EngineRunOptions & {
  /**
   * Looks at the model file before an engine is started for it, and takes the claim on its memory where it has one.
   * @param inPlaceOf the claim of an engine that has ended for this one
   * @throws Error that says what is wrong
   */
  checkModel: (inPlaceOf?: MemoryClaim) => Promise<void>
  /** Given back after a failed start, when the model is unloaded, and at the end. An engine that ran and died keeps it for its next start. */
  claim?: MemoryClaim
  /** An engine that nobody used for so long is ended, and started by the next request. Infinity by default: never. */
  keepAliveMs?: number
}

/** Leave to use the engine. Release it when the work is over, or the engine is never unloaded. */
export type EngineUse = { readonly session: EngineSession, readonly facts: EngineFacts, readonly release: () => void }

/** How an engine is unloaded. */
export type Unloading = {
  /** The next request loads it again; else requests fail until `load`. */
  readonly loadsOnDemand: boolean
  /** Its claim stays, for one who takes it over. */
  readonly keepsClaim?: boolean
}

/** A longer pause than this is not worth waiting for: requests fail at once. */
const worthWaitingMs = 2000

export class Supervisor {
  readonly options: SupervisorOptions
  readonly #uses: EngineUses
  readonly #load: LoadRecord
  readonly #restarts: RestartRecord
  #phase: Phase = { name: 'new' }
  #phaseChanged = Promise.withResolvers<void>()
  #run: EngineRun | undefined
  #facts: EngineFacts | undefined
  #restart: NodeJS.Timeout | undefined
  /** Counts the starts, so that one that was overtaken while it read the model's file leaves everything alone. */
  #boots = 0

  constructor(options: SupervisorOptions) {
    const { clock, model, log, claim } = options
    this.options = options
    this.#uses = new EngineUses(clock)
    this.#load = new LoadRecord(model, clock, log)
    this.#restarts = new RestartRecord(model)
    claim?.whenRoom(() => this.#tryAgain())
  }

  /** Starts the engine. Returns at once; `state` and `use` tell how it goes. */
  start(): void {
    void this.#boot()
  }

  /** What the engine told of itself when it was loaded last. */
  get facts(): EngineFacts | undefined {
    return this.#facts
  }

  get pid(): number | undefined {
    return this.#run?.pid
  }

  state(): BackendState {
    const { model, clock } = this.options
    const { loadTimeMs, loadedAt, progress } = this.#load
    const { lastUsedAt } = this.#uses
    return {
      ...stateOf(this.#phase, model, clock.now(), this.#restarts.last), model, restarts: this.#restarts.restarts,
      ...this.#phase.name === 'ready' && this.#fill(),
      ...this.#phase.name === 'loading' && { loadProgress: progress },
      ...loadTimeMs !== undefined && { loadTimeMs }, ...loadedAt !== undefined && { loadedAt }, ...lastUsedAt !== undefined && { lastUsedAt }
    }
  }

  /**
   * Leave to use the engine; as `whenReady`.
   * @throws as `whenReady`
   */
  async use(signal: AbortSignal): Promise<EngineUse> {
    let session = await this.whenReady(signal)
    // Between two turns of the microtask queue it may have been unloaded again.
    while (this.#phase.name !== 'ready' || session !== this.#run?.session) session = await this.whenReady(signal)
    return { session, facts: this.#phase.facts, release: this.#uses.begin() }
  }

  /**
   * The session of the running engine; waits while it loads, and has it loaded where it was unloaded for idleness.
   * @throws BackendError at once when loading failed, or the operator has unloaded it
   * @throws the reason of `signal`
   */
  async whenReady(signal: AbortSignal): Promise<EngineSession> {
    while (true) {
      signal.throwIfAborted()
      const phase = this.#phase
      if (phase.name === 'ready') return this.#run!.session
      if (phase.name === 'unloaded' && phase.loadsOnDemand) void this.#boot()
      else if (!isPassing(phase)) throw this.#unavailable()
      await untilAborted(this.#phaseChanged.promise, signal)
    }
  }

  /**
   * Has the model loaded, whatever was before: a failed one is tried again at once.
   * @param inPlaceOf the claim of an engine that has ended for this one
   * @throws BackendError when it cannot be loaded
   */
  async load(inPlaceOf?: MemoryClaim): Promise<void> {
    let hasTried = false
    while (this.#phase.name !== 'ready') {
      const { name } = this.#phase
      if (name === 'closed' || (name === 'failed' && hasTried)) throw this.#unavailable()
      const { promise } = this.#phaseChanged
      hasTried ||= name !== 'unloading'
      if (name === 'failed' || name === 'unloaded' || name === 'new') void this.#boot(inPlaceOf)
      else await promise
    }
  }

  /** Resolves when it neither loads nor unloads. */
  async settled(): Promise<void> {
    while (this.#phase.name === 'loading' || this.#phase.name === 'unloading') await this.#phaseChanged.promise
  }

  /** Ends the engine when those who use it are done. Those who wait for it are turned away, unless it loads on demand. */
  async unload({ loadsOnDemand, keepsClaim = false }: Unloading): Promise<void> {
    if (this.#isClosed()) return
    clearTimeout(this.#restart)
    this.#boots++
    this.#enter({ name: 'unloading', loadsOnDemand })
    await this.#uses.whenNone()
    await this.#run?.kill()
    if (!keepsClaim) this.options.claim?.release()
    this.#load.unloaded()
    this.#enter({ name: 'unloaded', loadsOnDemand })
    this.options.log.info({ model: this.options.model }, 'model unloaded')
  }

  /** Ends it for good when those who use it are done. */
  async retire(): Promise<void> {
    await this.#uses.whenNone()
    await this.close()
  }

  /** Ends the engine and stays ended. */
  async close(): Promise<void> {
    clearTimeout(this.#restart)
    this.#enter({ name: 'closed' })
    await this.#run?.kill()
    this.options.claim?.withdraw()
  }

  #fill(): Pick<BackendState, 'memoryUsageMb' | 'engine'> {
    const { rssBytes = 0, load } = this.#run ?? {}
    return { memoryUsageMb: Math.round(rssBytes / 1e6), ...load && { engine: load } }
  }

  /** There may be room for a model that did not fit. */
  #tryAgain(): void {
    if (this.#phase.name === 'failed' && this.#phase.isOutOfMemory) void this.#boot()
  }

  async #boot(inPlaceOf?: MemoryClaim): Promise<void> {
    const boot = ++this.#boots
    clearTimeout(this.#restart)
    this.#load.begins()
    this.#enter({ name: 'loading' })
    try {
      await this.options.checkModel(inPlaceOf)
    } catch (error) {
      return boot === this.#boots ? this.#failed((error as Error).message, false, error instanceof DoesNotFit) : undefined
    }
    if (boot !== this.#boots || this.#isClosed()) return this.options.claim?.release()
    const run: EngineRun = new EngineRun(this.options, {
      onProgress: (progress) => this.#load.goesOn(progress),
      onLoaded: (facts) => this.#loaded(facts),
      onLook: () => this.#look(),
      onEnd: (end) => this.#ended(run, end)
    })
    this.#run = run
  }

  #loaded(facts: EngineFacts): void {
    const { clock, log, model } = this.options
    if (this.#phase.name !== 'loading') return
    this.#facts = facts
    this.#load.ended()
    this.#enter({ name: 'ready', facts, since: clock.now() })
    log.info({ model, ...facts, rss_mb: Math.round((this.#run?.rssBytes ?? 0) / 1e6) }, 'model ready')
  }

  #look(): void {
    const { clock, patience, keepAliveMs = Infinity } = this.options
    if (this.#phase.name !== 'ready') return
    const { since } = this.#phase
    if (clock.now() - since > patience.forgetMs) this.#restarts.forget()
    if (keepAliveMs < Infinity && this.#uses.idleMs(since) >= keepAliveMs) void this.unload({ loadsOnDemand: true })
  }

  #ended(run: EngineRun, { cause, isOutOfMemory }: EngineEnd): void {
    if (run === this.#run) this.#run = undefined
    if (this.#phase.name === 'ready' || this.#phase.name === 'loading') this.#failed(cause, this.#phase.name === 'ready', isOutOfMemory)
  }

  /** Decides when to try again and whether requests wait for that. */
  #failed(cause: string, wasReady: boolean, isOutOfMemory: boolean): void {
    const { clock, log, model, claim } = this.options
    if (this.#isClosed()) return
    if (!wasReady) claim?.release()
    this.#load.unloaded()
    const { reason, pauseMs, count } = this.#restarts.note(cause, wasReady)
    log.error({ model, cause, failures: count, retry_in_ms: pauseMs }, wasReady ? 'engine died' : 'loading the model failed')
    if (wasReady && pauseMs <= worthWaitingMs) this.#enter({ name: 'loading' })
    else this.#enter({ name: 'failed', reason, isOutOfMemory, retryAt: clock.now() + pauseMs })
    this.#restart = setTimeout(() => void this.#boot(), pauseMs)
  }

  #enter(phase: Phase): void {
    if (this.#isClosed()) return
    this.#phase = phase
    this.#phaseChanged.resolve()
    this.#phaseChanged = Promise.withResolvers()
  }

  #isClosed(): boolean {
    return this.#phase.name === 'closed'
  }

  #unavailable(): BackendError {
    const { reason, retryAfterSeconds } = this.state()
    const isOutOfMemory = this.#phase.name === 'failed' && this.#phase.isOutOfMemory
    return new BackendError(this.options.backend, isOutOfMemory ? 'out_of_memory' : 'model_unavailable', reason!, { retryAfterSeconds })
  }
}

/** It will change by itself. */
function isPassing(phase: Phase): boolean {
  return phase.name === 'new' || phase.name === 'loading' || (phase.name === 'unloading' && phase.loadsOnDemand)
}
