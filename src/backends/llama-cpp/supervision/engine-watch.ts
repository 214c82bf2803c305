// Watches one engine for signs of life and progress, and says when patience with it ends.
import type { Clock } from '../../../inference/clock.ts'
import type { FromEngine } from '../protocol.ts'

/** Limits of patience with an engine, in milliseconds. Time in which the service itself was held up does not count. */
export type Patience = {
  /** Silence of the heartbeat of a loaded engine: its event loop hangs, or it was stopped. */
  heartbeatMs: number
  /** Loading the model. */
  loadMs: number
  /** One step of a generation: one chunk of a prompt, or one token. */
  stepMs: number
  /** Running this long after a restart makes earlier failures forgotten. */
  forgetMs: number
}

export const defaultPatience: Patience = { heartbeatMs: 3000, loadMs: 300_000, stepMs: 120_000, forgetMs: 60_000 }

/** How often `look` is to be called. */
export const lookEveryMs = 500
/** A loading engine may be silent this many times longer: native code comes from a disk that may be slow. */
const loadingSilence = 5

type Beat = Extract<FromEngine, { type: 'heartbeat' }>

/** One engine at a time. */
export class EngineWatch {
  readonly #patience: Patience
  readonly #clock: Clock
  #lastLookAt: number
  /** Milliseconds, as far as we watched: since the start, since the last heartbeat, since the last progress. */
  #watched = { startMs: 0, beatMs: 0, progressMs: 0 }
  #progress = 0

  constructor(patience: Patience, clock: Clock) {
    this.#patience = patience
    this.#clock = clock
    this.#lastLookAt = clock.now()
  }

  /** Another engine was started. */
  restart(): void {
    this.#watched = { startMs: 0, beatMs: 0, progressMs: 0 }
    this.#progress = 0
  }

  noteBeat({ active, progress }: Beat): void {
    this.#watched.beatMs = 0
    if (active === 0 || progress !== this.#progress) this.#watched.progressMs = 0
    this.#progress = progress
  }

  /** Counts the time since the last look. @returns why the engine is to be killed; undefined: it is not */
  look(isLoading: boolean): string | undefined {
    this.#count()
    const { heartbeatMs, loadMs, stepMs } = this.#patience
    const { startMs, beatMs, progressMs } = this.#watched
    const silenceMs = heartbeatMs * (isLoading ? loadingSilence : 1)
    if (beatMs > silenceMs) return `it gave no sign of life for ${seconds(silenceMs)} s`
    if (isLoading && startMs > loadMs) return `it did not finish loading within ${seconds(loadMs)} s`
    if (progressMs > stepMs) return `it made no progress for ${seconds(stepMs)} s`
    return undefined
  }

  /**
   * No more than two regular looks count: a service that was held up itself, on a stopped or swapping machine, has not
   * seen what the engine did meanwhile.
   */
  #count(): void {
    const now = this.#clock.now()
    const passedMs = Math.min(now - this.#lastLookAt, 2 * lookEveryMs)
    this.#lastLookAt = now
    const { startMs, beatMs, progressMs } = this.#watched
    this.#watched = { startMs: startMs + passedMs, beatMs: beatMs + passedMs, progressMs: progressMs + passedMs }
  }
}

function seconds(ms: number): number {
  return Math.round(ms / 1000)
}
