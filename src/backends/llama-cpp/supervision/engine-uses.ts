// Who uses an engine right now: counted, so that it ends only when nobody does.
import type { Clock } from '../../../inference/clock.ts'
import type { EngineFacts } from '../protocol.ts'
import type { EngineSession } from '../session.ts'

/** Leave to use the engine. Release it when the work is over, or the engine is never unloaded. */
export type EngineUse = { readonly session: EngineSession, readonly facts: EngineFacts, readonly release: () => void }

export class EngineUses {
  readonly #clock: Clock
  #count = 0
  #endedAt = -Infinity
  #lastUsedAt: number | undefined
  #none = Promise.withResolvers<void>()

  constructor(clock: Clock) {
    this.#clock = clock
    this.#none.resolve()
  }

  /** When the last use began or ended, in milliseconds since 1970; undefined before the first. */
  get lastUsedAt(): number | undefined {
    return this.#lastUsedAt
  }

  /** One more, until the returned function is called; a second call does nothing. */
  begin(): () => void {
    if (this.#count++ === 0) this.#none = Promise.withResolvers()
    this.#lastUsedAt = Date.now()
    let isOver = false
    return () => {
      if (isOver) return
      isOver = true
      this.#lastUsedAt = Date.now()
      this.#endedAt = this.#clock.now()
      if (--this.#count === 0) this.#none.resolve()
    }
  }

  /** Milliseconds without any use, counted from `since` at the earliest; 0 while there is one. */
  idleMs(since: number): number {
    return this.#count > 0 ? 0 : this.#clock.now() - Math.max(since, this.#endedAt)
  }

  /** Resolves when there is none; at once when there is none now. */
  async whenNone(): Promise<void> {
    while (this.#count > 0) await this.#none.promise
  }
}
