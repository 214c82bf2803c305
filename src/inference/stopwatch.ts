// The timers of one attempt: until the first token, between tokens, and for the whole.
import type { Budget } from './budget.ts'
import { BackendError } from './failure.ts'
import type { FailureReason } from './failure.ts'

/** Aborts its signal with a BackendError when one of the limits is passed. Call `clear` at the end. */
export class Stopwatch {
  readonly signal: AbortSignal
  readonly #backend: string
  readonly #controller = new AbortController()
  readonly #idleMs: number
  readonly #timeout: NodeJS.Timeout | undefined
  #silence: NodeJS.Timeout | undefined
  #hasToken = false

  constructor(backend: string, { timeoutMs, firstTokenMs, idleMs }: Budget) {
    this.signal = this.#controller.signal
    this.#backend = backend
    this.#idleMs = idleMs
    // The silence first: of two timers for the same moment it says more.
    this.#silence = this.#after(firstTokenMs, 'first_token_timeout', 'gave no token in time')
    this.#timeout = this.#after(timeoutMs, 'attempt_timeout', 'took too long')
  }

  /** A token arrived: the silence begins anew. */
  tokenArrived(): void {
    if (this.#hasToken && this.#silence) return void this.#silence.refresh()
    this.#hasToken = true
    clearTimeout(this.#silence)
    this.#silence = this.#after(this.#idleMs, 'idle_timeout', 'fell silent in the middle of the answer')
  }

  /** The reader is behind: until the next token, silence is not the backend's fault. */
  readerIsBehind(): void {
    clearTimeout(this.#silence)
    this.#silence = undefined
  }

  clear(): void {
    clearTimeout(this.#timeout)
    clearTimeout(this.#silence)
  }

  #after(ms: number, reason: FailureReason, what: string): NodeJS.Timeout | undefined {
    if (ms === Infinity) return undefined
    return setTimeout(() => this.#controller.abort(new BackendError(this.#backend, reason, `${this.#backend} ${what} (${seconds(ms)} s)`)), ms)
  }
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1).replace(/\.0$/, '')
}
