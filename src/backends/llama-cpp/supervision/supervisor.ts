// Keeps one engine: has it started, hands it out to those who use it, unloads it when it idles, and knows its state.
import { BackendError } from '../../../inference/failure.ts'
import type { MemoryClaim } from '../../../models/memory-claim.ts'
import type { BackendState } from '../../backend.ts'
import { untilAborted } from '../../until-aborted.ts'
import type { EngineFacts } from '../protocol.ts'
import type { EngineSession } from '../session.ts'
import { CurrentPhase } from './current-phase.ts'
import { isPassing, stateOf } from './engine-phase.ts'
import { EngineStarter } from './engine-starter.ts'
import { EngineUses } from './engine-uses.ts'
import type { EngineUse } from './engine-uses.ts'
import type { SupervisorOptions, Unloading } from './supervisor-options.ts'

export class Supervisor {
  readonly options: SupervisorOptions
  readonly #uses: EngineUses
  readonly #phase = new CurrentPhase()
  readonly #starter: EngineStarter

  constructor(options: SupervisorOptions) {
    this.options = options
    this.#uses = new EngineUses(options.clock)
    this.#starter = new EngineStarter(options, this.#phase, (readySince) => this.#look(readySince))
  }

  /** Starts the engine. Resolves when its process is started or may not be; `state` and `use` tell how it goes from there. */
  start(): Promise<void> {
    return this.#starter.boot()
  }

  /** What the engine told of itself when it was loaded last. */
  get facts(): EngineFacts | undefined {
    return this.#starter.facts
  }

  get pid(): number | undefined {
    return this.#starter.run?.pid
  }

  state(): BackendState {
    const { model, clock } = this.options
    const { load: { loadTimeMs, loadedAt, progress }, restarts } = this.#starter
    const { lastUsedAt } = this.#uses
    const phase = this.#phase.now
    return {
      ...stateOf(phase, model, clock.now(), restarts.last), model, restarts: restarts.restarts,
      ...phase.name === 'ready' && this.#fill(),
      ...phase.name === 'loading' && { loadProgress: progress },
      ...loadTimeMs !== undefined && { loadTimeMs }, ...loadedAt !== undefined && { loadedAt }, ...lastUsedAt !== undefined && { lastUsedAt }
    }
  }

  /**
   * Leave to use the engine; as `whenReady`.
   * @throws as `whenReady`
   */
  async use(signal: AbortSignal): Promise<EngineUse> {
    while (true) {
      const session = await this.whenReady(signal)
      const phase = this.#phase.now
      // Between two turns of the microtask queue it may have been unloaded again.
      if (phase.name === 'ready' && session === this.#starter.run?.session) return { session, facts: phase.facts, release: this.#uses.begin() }
    }
  }

  /**
   * The session of the running engine; waits while it loads, and has it loaded where it was unloaded for idleness.
   * @throws BackendError at once when loading failed, or the operator has unloaded it
   * @throws the reason of `signal`
   */
  async whenReady(signal: AbortSignal): Promise<EngineSession> {
    while (true) {
      signal.throwIfAborted()
      const phase = this.#phase.now
      if (phase.name === 'ready') return this.#starter.run!.session
      if (phase.name === 'unloaded' && phase.loadsOnDemand) void this.#starter.boot()
      else if (!isPassing(phase)) throw this.#unavailable()
      await untilAborted(this.#phase.changed, signal)
    }
  }

  /**
   * Has the model loaded, whatever was before: a failed one is tried again at once.
   * @param inPlaceOf the claim of an engine that has ended for this one
   * @throws BackendError when it cannot be loaded
   */
  async load(inPlaceOf?: MemoryClaim): Promise<void> {
    let hasTried = false
    while (this.#phase.now.name !== 'ready') {
      const { now: { name }, changed } = this.#phase
      if (name === 'closed' || (name === 'failed' && hasTried)) throw this.#unavailable()
      hasTried ||= name !== 'unloading'
      if (name === 'failed' || name === 'unloaded' || name === 'new') void this.#starter.boot(inPlaceOf)
      else await changed
    }
  }

  /** Resolves when it neither loads nor unloads. */
  async settled(): Promise<void> {
    while (this.#phase.now.name === 'loading' || this.#phase.now.name === 'unloading') await this.#phase.changed
  }

  /** Ends the engine when those who use it are done. Those who wait for it are turned away, unless it loads on demand. */
  async unload({ loadsOnDemand, keepsClaim = false }: Unloading): Promise<void> {
    const { model, log, claim } = this.options
    if (this.#phase.isClosed) return
    this.#starter.stop()
    this.#phase.enter({ name: 'unloading', loadsOnDemand })
    await this.#uses.whenNone()
    await this.#starter.run?.kill()
    if (!keepsClaim) claim?.release()
    this.#starter.load.unloaded()
    this.#phase.enter({ name: 'unloaded', loadsOnDemand })
    log.info({ model }, 'model unloaded')
  }

  /** Ends it for good when those who use it are done. */
  async retire(): Promise<void> {
    await this.#uses.whenNone()
    await this.close()
  }

  /** Ends the engine and stays ended. */
  async close(): Promise<void> {
    this.#starter.stop()
    this.#phase.enter({ name: 'closed' })
    await this.#starter.run?.kill()
    this.options.claim?.withdraw()
  }

  #fill(): Pick<BackendState, 'memoryUsageMb' | 'engine'> {
    const { rssBytes = 0, load } = this.#starter.run ?? {}
    return { memoryUsageMb: Math.round(rssBytes / 1e6), ...load && { engine: load } }
  }

  #look(readySince: number): void {
    const { keepAliveMs = Infinity } = this.options
    if (keepAliveMs < Infinity && this.#uses.idleMs(readySince) >= keepAliveMs) void this.unload({ loadsOnDemand: true })
  }

  #unavailable(): BackendError {
    const { reason, retryAfterSeconds } = this.state()
    const phase = this.#phase.now
    const isOutOfMemory = phase.name === 'failed' && phase.isOutOfMemory
    return new BackendError(this.options.backend, isOutOfMemory ? 'out_of_memory' : 'model_unavailable', reason!, { retryAfterSeconds })
  }
}
