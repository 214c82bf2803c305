// The one deadline of a request: spent across waiting, attempts and loading.
import type { Clock } from './clock.ts'
import { DeadlinePassed } from './failure.ts'

/** Counts down from its creation. Call `clear` when the request is over. */
export class Deadline {
  /** Aborts with DeadlinePassed when the time is up. */
  readonly signal: AbortSignal
  /** The whole of it. */
  readonly seconds: number
  readonly #clock: Clock
  readonly #endsAt: number
  readonly #timer: NodeJS.Timeout

  constructor(seconds: number, clock: Clock) {
    const controller = new AbortController()
    this.signal = controller.signal
    this.seconds = seconds
    this.#clock = clock
    this.#endsAt = clock.now() + seconds * 1000
    this.#timer = setTimeout(() => controller.abort(new DeadlinePassed(seconds)), seconds * 1000)
  }

  /** Milliseconds left, never below 0. */
  remainingMs(): number {
    return Math.max(0, this.#endsAt - this.#clock.now())
  }

  clear(): void {
    clearTimeout(this.#timer)
  }
}
