// A clock that tests move by hand.
import type { Clock } from '../../src/inference/clock.ts'

export class ManualClock implements Clock {
  #now = 0

  now(): number {
    return this.#now
  }

  advance(ms: number): void {
    this.#now += ms
  }
}
