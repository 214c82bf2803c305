// Starts an engine, and starts it again with back-off when it fails.
import { DoesNotFit } from '../../../models/memory-budget.ts'
import type { MemoryClaim } from '../../../models/memory-claim.ts'
import type { EngineFacts } from '../protocol.ts'
import type { CurrentPhase } from './current-phase.ts'
import { EngineRun } from './engine-run.ts'
import type { EngineEnd } from './engine-run.ts'
import { LoadRecord } from './load-record.ts'
import { RestartRecord } from './restart-record.ts'
import type { SupervisorOptions } from './supervisor-options.ts'

/** A longer pause than this is not worth waiting for: requests fail at once. */
const worthWaitingMs = 2000

export class EngineStarter {
  readonly load: LoadRecord
  readonly restarts: RestartRecord
  readonly #options: SupervisorOptions
  readonly #phase: CurrentPhase
  readonly #onLook: (readySince: number) => void
  #run: EngineRun | undefined
  #facts: EngineFacts | undefined
  #restart: NodeJS.Timeout | undefined
  /** Counts the starts, so that one that was overtaken while it read the model's file leaves everything alone. */
  #boots = 0

  /**
   * Starts nothing yet.
   * @param phase is told how it goes
   * @param onLook called twice a second while the engine is ready, with the clock's time since when it is
   */
  constructor(options: SupervisorOptions, phase: CurrentPhase, onLook: (readySince: number) => void) {
    const { clock, model, log, claim } = options
    this.#options = options
    this.#phase = phase
    this.#onLook = onLook
    this.load = new LoadRecord(model, clock, log)
    this.restarts = new RestartRecord(model)
    claim?.whenRoom(() => this.#tryAgain())
  }

  /** The engine that was started last, until it has ended. */
  get run(): EngineRun | undefined {
    return this.#run
  }

  /** What the engine told of itself when it was loaded last. */
  get facts(): EngineFacts | undefined {
    return this.#facts
  }

  /**
   * Starts an engine now. Resolves when it is started or has failed to.
   * @param inPlaceOf the claim of an engine that has ended for this one
   */
  async boot(inPlaceOf?: MemoryClaim): Promise<void> {
    const boot = ++this.#boots
    clearTimeout(this.#restart)
    this.load.begins()
    this.#phase.enter({ name: 'loading' })
    try {
      await this.#options.checkModel(inPlaceOf)
    } catch (error) {
      return boot === this.#boots ? this.#failed((error as Error).message, false, error instanceof DoesNotFit) : undefined
    }
    if (boot !== this.#boots || this.#phase.isClosed) return this.#options.claim?.release()
    const run: EngineRun = new EngineRun(this.#options, {
      onProgress: (progress) => this.load.goesOn(progress),
      onLoaded: (facts) => this.#loaded(facts),
      onLook: () => this.#look(),
      onEnd: (end) => this.#ended(run, end)
    })
    this.#run = run
  }

  /** Starts no more until the next `boot`; an engine that runs is left alone. */
  stop(): void {
    clearTimeout(this.#restart)
    this.#boots++
  }

  /** There may be room for a model that did not fit. */
  #tryAgain(): void {
    const phase = this.#phase.now
    if (phase.name === 'failed' && phase.isOutOfMemory) void this.boot()
  }

  #loaded(facts: EngineFacts): void {
    const { clock, log, model } = this.#options
    if (this.#phase.now.name !== 'loading') return
    this.#facts = facts
    this.load.ended()
    this.#phase.enter({ name: 'ready', facts, since: clock.now() })
    log.info({ model, ...facts, rss_mb: Math.round((this.#run?.rssBytes ?? 0) / 1e6) }, 'model ready')
  }

  #look(): void {
    const { clock, patience } = this.#options
    const phase = this.#phase.now
    if (phase.name !== 'ready') return
    if (clock.now() - phase.since > patience.forgetMs) this.restarts.forget()
    this.#onLook(phase.since)
  }

  #ended(run: EngineRun, { cause, isOutOfMemory }: EngineEnd): void {
    if (run === this.#run) this.#run = undefined
    const { name } = this.#phase.now
    if (name === 'ready' || name === 'loading') this.#failed(cause, name === 'ready', isOutOfMemory)
  }

  /** Decides when to try again and whether requests wait for that. */
  #failed(cause: string, wasReady: boolean, isOutOfMemory: boolean): void {
    const { clock, log, model, claim } = this.#options
    if (this.#phase.isClosed) return
    if (!wasReady) claim?.release()
    this.load.unloaded()
    const { reason, pauseMs, count } = this.restarts.note(cause, wasReady)
    log.error({ model, cause, failures: count, retry_in_ms: pauseMs }, wasReady ? 'engine died' : 'loading the model failed')
    if (wasReady && pauseMs <= worthWaitingMs) this.#phase.enter({ name: 'loading' })
    else this.#phase.enter({ name: 'failed', reason, isOutOfMemory, retryAt: clock.now() + pauseMs })
    this.#restart = setTimeout(() => void this.boot(), pauseMs)
  }
}
