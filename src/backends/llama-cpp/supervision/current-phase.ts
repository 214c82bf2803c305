// The phase that an engine is in now, and the promise of the next one.
import type { Phase } from './engine-phase.ts'

export class CurrentPhase {
  #phase: Phase = { name: 'new' }
  #changed = Promise.withResolvers<void>()

  get now(): Phase {
    return this.#phase
  }

  /** Resolves when the next phase has begun. */
  get changed(): Promise<void> {
    return this.#changed.promise
  }

  get isClosed(): boolean {
    return this.#phase.name === 'closed'
  }

  /** Nothing comes after `closed`. */
  enter(phase: Phase): void {
    if (this.isClosed) return
    this.#phase = phase
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }
}
