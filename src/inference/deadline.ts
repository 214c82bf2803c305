// The one deadline of a request: spent across waiting, attempts and loading.
import type { Clock } from './clock.ts'
import { DeadlinePassed } from './failure.ts'

/** Milliseconds kept back for the way of an error to the caller, who would else learn of it too late; of a short deadline a share. */
const kept = { mostMs: 50, share: 0.05 }

/** Counts down from its creation, and ends a little early. Call `clear` when the request is over. */
export class Deadline {
  /** Aborts with DeadlinePassed when the time is up. */
  readonly signal: AbortSignal
  /** The whole of it, as it was asked for. */
  readonly seconds: number
  readonly #clock: Clock
  readonly #endsAt: number
  readonly #timer: NodeJS.Timeout

  constructor(seconds: number, clock: Clock) {
    const controller = new AbortController()
    this.signal = controller.signal
    this.seconds = seconds
    this.#clock = clock
    const ms = seconds * 1000 - Math.min(kept.mostMs, seconds * 1000 * kept.share)
    this.#endsAt = clock.now() + ms
    this.#timer = setTimeout(() => controller.abort(new DeadlinePassed(seconds)), ms)
  }

  /** Milliseconds left, never below 0. */
  remainingMs(): number {
    return Math.max(0, this.#endsAt - this.#clock.now())
  }

  clear(): void {
    clearTimeout(this.#timer)
  }
}
