// The model that a local backend runs, and its exchange for another one while requests use it.
import { BackendError } from '../../inference/failure.ts'
import type { ModelChoice } from '../../models/choose.ts'
import type { BackendState } from '../backend.ts'
import { ModelChangeError } from '../model-change-error.ts'
import { untilAborted } from '../until-aborted.ts'
import { replaceEngine } from './engine-change.ts'
import { ModelChanges } from './model-changes.ts'
import type { FoundModel, MissingModel, ModelSource } from './model-source.ts'
import type { EngineUse } from './supervision/engine-uses.ts'
import { Supervisor } from './supervision/supervisor.ts'

export class CurrentModel {
  /** Resolves when the first engine process is started, or may not be. */
  readonly begun: Promise<void>
  readonly #backend: string
  readonly #source: ModelSource
  readonly #changes: ModelChanges
  readonly #leaving = new Set<Supervisor>()
  #choice: ModelChoice
  #supervisor: Supervisor | undefined
  /** The engine that is loading to take its place. */
  #next: Supervisor | undefined
  /** While neither the old engine nor the new one may be used: requests wait. */
  #pause: PromiseWithResolvers<void> | undefined
  #isClosed = false

  /** Starts the engine of `choice`, where that is a model. */
  constructor(backend: string, choice: ModelChoice, source: ModelSource) {
    this.#backend = backend
    this.#choice = choice
    this.#source = source
    this.#changes = new ModelChanges(backend)
    if (!('problem' in choice)) this.#supervisor = new Supervisor(source.prepare(choice))
    this.begun = this.#supervisor?.start() ?? Promise.resolve()
  }

  get choice(): ModelChoice {
    return this.#choice
  }

  /** Undefined while there is no model. */
  get supervisor(): Supervisor | undefined {
    return this.#supervisor
  }

  state(): BackendState {
    if (this.#supervisor === undefined) return this.#next?.state() ?? { status: 'failed', model: this.#choice.name, reason: (this.#choice as MissingModel).problem }
    const state = this.#supervisor.state()
    const next = this.#next?.state()
    if (next === undefined) return state
    if (this.#pause === undefined) return { ...state, next: { model: next.model, loadProgress: next.loadProgress ?? 0 } }
    return state.status === 'unloaded' ? next : { ...state, status: 'unloading', loadsOnDemand: true, reason: `Model ${state.model} gives way to ${next.model}; requests wait for that.`, retryAfterSeconds: 1 }
  }

  /**
   * Leave to use the engine; waits for its load, and through a change.
   * @throws BackendError
   * @throws the reason of `signal`
   */
  async use(signal: AbortSignal): Promise<EngineUse> {
    while (true) {
      while (this.#pause) await untilAborted(this.#pause.promise, signal)
      const supervisor = this.#supervisor
      if (supervisor === undefined) throw new BackendError(this.#backend, 'model_unavailable', this.state().reason!)
      try {
        return await supervisor.use(signal)
      } catch (error) {
        const isAnother = this.#pause !== undefined || supervisor !== this.#supervisor
        if (signal.aborted || this.#isClosed || !isAnother) throw error
      }
    }
  }

  /** See ModelControl.load. */
  async load(name: string | undefined): Promise<void> {
    const choice = this.#find(name)
    await this.#changes.begin(`loading ${choice.name}`, () => this.#changeTo(choice))
  }

  /** See ModelControl.unload. */
  async unload(): Promise<number | undefined> {
    const supervisor = this.#supervisor
    if (supervisor === undefined) throw new ModelChangeError('unknown', `${this.#backend} has no model to unload.`)
    return this.#changes.begin(`unloading ${this.#choice.name}`, async () => {
      const { memoryUsageMb } = supervisor.state()
      await supervisor.unload({ loadsOnDemand: false })
      return memoryUsageMb
    })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all([this.#supervisor, this.#next, ...this.#leaving].map((supervisor) => supervisor?.close()))
  }

  /** The own model where none is named, else the one of that name. */
  #find(name: string | undefined): FoundModel {
    const own = this.#choice
    if (name === undefined && 'path' in own) return own
    const choice = this.#source.find(name)
    if ('problem' in choice) throw new ModelChangeError('unknown', choice.problem)
    return choice
  }

  async #changeTo(choice: FoundModel): Promise<undefined> {
    const old = this.#supervisor
    if (old !== undefined && 'path' in this.#choice && this.#choice.path === choice.path) return loadAgain(old)
    const fresh = new Supervisor(this.#source.prepare(choice))
    this.#next = fresh
    try {
      if (old === undefined) await loadAgain(fresh)
      else await replaceEngine(old, fresh, () => this.#stop())
      this.#take(choice, fresh)
    } catch (error) {
      await fresh.close()
      throw error
    } finally {
      this.#next = undefined
      this.#go()
    }
  }

  /** Requests wait from now on. */
  #stop(): void {
    this.#pause = Promise.withResolvers()
  }

  #go(): void {
    this.#pause?.resolve()
    this.#pause = undefined
  }

  #take(choice: FoundModel, fresh: Supervisor): void {
    const old = this.#supervisor
    this.#choice = choice
    this.#supervisor = fresh
    if (old === undefined) return
    this.#leaving.add(old)
    void old.retire().finally(() => this.#leaving.delete(old))
  }
}

async function loadAgain(supervisor: Supervisor): Promise<undefined> {
  try {
    await supervisor.load()
  } catch (error) {
    const reason = error instanceof BackendError && error.reason === 'out_of_memory' ? 'does_not_fit' : 'failed'
    throw new ModelChangeError(reason, (error as Error).message, error)
  }
}
