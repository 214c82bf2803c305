// Sends the steps of one turn of the event loop as one message.
import type { FromEngine, GenerationStep } from '../protocol.ts'

/** Collects steps and posts them once a turn, in order. */
export class Outbox {
  readonly #post: (message: FromEngine) => void
  #steps: GenerationStep[] = []

  constructor(post: (message: FromEngine) => void) {
    this.#post = post
  }

  add(step: GenerationStep): void {
    if (this.#steps.push(step) === 1) setImmediate(() => this.#flush())
  }

  #flush(): void {
    const steps = this.#steps
    this.#steps = []
    this.#post({ type: 'steps', steps })
  }
}
