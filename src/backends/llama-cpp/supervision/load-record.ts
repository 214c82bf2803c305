// How the loading of a model goes: its progress, how long it took, and a line in the log now and then.
import type { Clock } from '../../../inference/clock.ts'
import type { Log } from '../../../observability/log.ts'

/** Between two lines of the log: so much more is loaded, and so much time has passed. */
const logStep = 0.25
const logEveryMs = 1000

export class LoadRecord {
  readonly #model: string
  readonly #clock: Clock
  readonly #log: Log
  #startedAt = 0
  #progress = 0
  #logged = { progress: 0, at: 0 }
  #loadTimeMs: number | undefined
  #loadedAt: number | undefined

  constructor(model: string, clock: Clock, log: Log) {
    this.#model = model
    this.#clock = clock
    this.#log = log
  }

  /** From 0 to 1. */
  get progress(): number {
    return this.#progress
  }

  /** Of the last load, from the start of its engine; undefined before the first. */
  get loadTimeMs(): number | undefined {
    return this.#loadTimeMs
  }

  /** In milliseconds since 1970; undefined while it is not loaded. */
  get loadedAt(): number | undefined {
    return this.#loadedAt
  }

  begins(): void {
    this.#startedAt = this.#clock.now()
    this.#progress = 0
    this.#logged = { progress: 0, at: this.#startedAt }
    this.#loadedAt = undefined
  }

  /** @param progress from 0 to 1 */
  goesOn(progress: number): void {
    this.#progress = progress
    const now = this.#clock.now()
    if (progress < this.#logged.progress + logStep || now < this.#logged.at + logEveryMs) return
    this.#logged = { progress, at: now }
    this.#log.info({ model: this.#model, progress, elapsed_ms: Math.round(now - this.#startedAt) }, 'loading model')
  }

  ended(): void {
    this.#loadTimeMs = Math.round(this.#clock.now() - this.#startedAt)
    this.#loadedAt = Date.now()
  }

  /** It is not loaded any more. */
  unloaded(): void {
    this.#loadedAt = undefined
  }
}
