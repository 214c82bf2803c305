// When Ollama is looked at: every few seconds, and sooner again after a look that failed.

const lookEveryMs = 10_000
const firstRetryMs = 500

export type LookListeners = {
  /** Looks once. Rejects when nothing could be seen. */
  readonly look: () => Promise<void>
  /** Called after a look that failed, with the pause before the next one. */
  readonly onMissed: (error: unknown, pauseMs: number) => void
}

/** One look after the other, never two at once. */
export class LookRounds {
  readonly #listeners: LookListeners
  #phase: 'new' | 'running' | 'closed' = 'new'
  #timer: NodeJS.Timeout | undefined
  #rounds: Promise<void> = Promise.resolve()
  #missedLooks = 0

  /** Looks at nothing before `start`. */
  constructor(listeners: LookListeners) {
    this.#listeners = listeners
  }

  get isRunning(): boolean {
    return this.#phase === 'running'
  }

  get isClosed(): boolean {
    return this.#phase === 'closed'
  }

  /** Looks now and from now on. Returns at once; a second call does nothing. */
  start(): void {
    if (this.#phase !== 'new') return
    this.#phase = 'running'
    void this.now()
  }

  close(): void {
    this.#phase = 'closed'
    clearTimeout(this.#timer)
  }

  /** Looks again, after the look under way. Resolves when that is done; at once while it does not run. */
  now(): Promise<void> {
    clearTimeout(this.#timer)
    this.#rounds = this.#rounds.then(() => this.#round())
    return this.#rounds
  }

  async #round(): Promise<void> {
    if (!this.isRunning) return
    let pauseMs = lookEveryMs
    try {
      await this.#listeners.look()
      this.#missedLooks = 0
    } catch (error) {
      pauseMs = Math.min(lookEveryMs, firstRetryMs * 2 ** this.#missedLooks++)
      this.#listeners.onMissed(error, pauseMs)
    }
    clearTimeout(this.#timer)
    if (this.isRunning) this.#timer = setTimeout(() => void this.now(), pauseMs).unref()
  }
}
