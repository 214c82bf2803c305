// Sends the steps of generations in few messages: each wakes the server and its caller, whom llama.cpp's threads then wait for.
import type { FromEngine, GenerationStep } from '../protocol.ts'

/** Milliseconds between two messages while text streams. A step that took longer is sent at once. */
const intervalMs = 25

/** Collects steps and posts them in order. The end of a generation waits for nothing. */
export class Outbox {
  readonly #post: (message: FromEngine) => void
  #steps: GenerationStep[] = []
  #postedAt = -Infinity
  #timer: NodeJS.Timeout | undefined

  constructor(post: (message: FromEngine) => void) {
    this.#post = post
  }

  add(step: GenerationStep): void {
    const isFirst = this.#steps.push(step) === 1
    const waitMs = this.#postedAt + intervalMs - performance.now()
    // Not before the next batch has begun, which is more urgent.
    if (step.type !== 'event' || isFirst && waitMs <= 0) setImmediate(() => this.#flush())
    else if (isFirst) this.#timer = setTimeout(() => this.#flush(), waitMs)
  }

  #flush(): void {
    clearTimeout(this.#timer)
    if (this.#steps.length === 0) return
    this.#postedAt = performance.now()
    const steps = this.#steps
    this.#steps = []
    this.#post({ type: 'steps', steps })
  }
}
