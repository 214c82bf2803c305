// The gate in front of one backend: so many at once, so many waiting, the rest is turned away with an honest time.
import PQueue from 'p-queue'
import type { Clock } from './clock.ts'

/** Leave to use the backend. Release it when the backend has settled, not when the caller has its answer. */
export type Permit = { release(): void }

/** No place is left in the queue. */
export class QueueFull extends Error {
  /** When a place is likely to be free, from the queue's length and the measured service time; at least 1. */
  readonly retryAfterSeconds: number
  readonly waiting: number

  constructor(waiting: number, retryAfterSeconds: number) {
    super(`The queue is full: ${waiting} requests are waiting`)
    this.name = 'QueueFull'
    this.waiting = waiting
    this.retryAfterSeconds = retryAfterSeconds
  }
}

export type GateOptions = {
  /** Permits at once, 1 or more. */
  limit: number
  /** Callers that may wait, 0 or more. */
  maxWaiting: number
  clock: Clock
  /** Assumed milliseconds of one service before any was measured. */
  assumedServiceMs: number
}

export type GateState = { running: number, waiting: number, limit: number, expected_wait_ms: number }

/** Weight of the newest service time in the running mean. */
const newestWeight = 0.2

/** A bounded priority queue of permits over p-queue. */
export class Gate {
  readonly #queue: PQueue
  readonly #options: GateOptions
  #meanServiceMs: number

  constructor(options: GateOptions) {
    this.#options = options
    this.#queue = new PQueue({ concurrency: options.limit })
    this.#meanServiceMs = options.assumedServiceMs
  }

  /**
   * Waits for a permit; a lower `priority` goes first, equal ones in order of arrival.
   * @throws QueueFull at once when nobody more may wait
   * @throws the reason of `signal` when it aborts while waiting; the place in the queue is free again at once
   */
  async acquire(priority: number, signal: AbortSignal): Promise<Permit> {
    signal.throwIfAborted()
    if (this.#isFull()) throw new QueueFull(this.#queue.size, this.#retryAfterSeconds())
    // p-queue frees its slot when the signal of a *running* task aborts, while the work goes on:
    // so it gets a signal of its own, which covers the waiting only.
    const waiting = new AbortController()
    const stopWaiting = () => waiting.abort(signal.reason)
    signal.addEventListener('abort', stopWaiting, { once: true })
    const { promise: admitted, resolve: admit } = Promise.withResolvers<Permit>()
    const task = this.#queue.add(() => {
      signal.removeEventListener('abort', stopWaiting)
      return this.#hold(admit)
    }, { priority: -priority, signal: waiting.signal })
    return await Promise.race([admitted, task.then(() => admitted)])
  }

  state(): GateState {
    return { running: this.#queue.pending, waiting: this.#queue.size, limit: this.#options.limit, expected_wait_ms: Math.round(this.#expectedWaitMs()) }
  }

  /** Occupies a slot of p-queue until the permit is released. */
  #hold(admit: (permit: Permit) => void): Promise<void> {
    const startedAt = this.#options.clock.now()
    const { promise: released, resolve } = Promise.withResolvers<void>()
    const release = () => {
      if (!isReleased) this.#measure(this.#options.clock.now() - startedAt)
      isReleased = true
      resolve()
    }
    let isReleased = false
    admit({ release })
    return released
  }

  #isFull(): boolean {
    return this.#queue.pending >= this.#options.limit && this.#queue.size >= this.#options.maxWaiting
  }

  #expectedWaitMs(): number {
    const { limit } = this.#options
    if (this.#queue.pending < limit) return 0
    return ((this.#queue.size + 1) / limit) * this.#meanServiceMs
  }

  #retryAfterSeconds(): number {
    return Math.max(1, Math.ceil(this.#expectedWaitMs() / 1000))
  }

  #measure(serviceMs: number): void {
    this.#meanServiceMs += newestWeight * (serviceMs - this.#meanServiceMs)
  }
}
