// The failures of an engine: how many in a row, what the last one was, and how long to wait before the next start.
import { backoffMs } from './backoff.ts'

export type NotedFailure = {
  /** A sentence that says what happened and when it is tried again. */
  readonly reason: string
  readonly pauseMs: number
  /** In a row. */
  readonly count: number
}

export class RestartRecord {
  readonly #model: string
  #failures = 0
  #restarts = 0
  #last: string | undefined

  constructor(model: string) {
    this.#model = model
  }

  /** Starts after a failure, since the beginning. */
  get restarts(): number {
    return this.#restarts
  }

  /** The sentence of the last failure; undefined when it is forgotten. */
  get last(): string | undefined {
    return this.#last
  }

  /** @param wasReady the engine had worked; a model that cannot be loaded is not tried again at once */
  note(cause: string, wasReady: boolean): NotedFailure {
    const count = ++this.#failures
    this.#restarts++
    const pauseMs = backoffMs(wasReady ? count : count + 1)
    const what = wasReady ? `The engine of model ${this.#model} died ${count} times in a row: ${cause}` : `Model ${this.#model} could not be loaded: ${cause}`
    const reason = `${what.replace(/\.$/, '')}. Next try in ${Math.round(Math.max(pauseMs, 1000) / 1000)} s.`
    this.#last = reason
    return { reason, pauseMs, count }
  }

  /** It has worked well for a while. */
  forget(): void {
    this.#failures = 0
    this.#last = undefined
  }
}
