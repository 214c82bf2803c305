// Sends the steps of generations in few messages: each wakes the server and its caller, whom llama.cpp's threads then wait for.
import type { FromEngine, GenerationStep } from '../protocol.ts'

/** Milliseconds between two messages while text streams. A step that took longer is sent at once. */
const intervalMs = 50
/** Milliseconds between looks whether a batch that takes long holds text back. Each look disturbs it, and a message costs it more than its own time. */
const patienceMs = 250

/** Collects steps and posts them in order, text that goes on as one piece. The first text of a generation and its end wait for nothing. */
export class Outbox {
  readonly #post: (message: FromEngine) => void
  /** Generations that have said something. */
  readonly #begun = new Set<number>()
  #steps: GenerationStep[] = []
  /** Where the latest step of each generation is. */
  #latest = new Map<number, number>()
  /** When the steps that wait are to be posted. */
  #dueAt = -Infinity
  #postedAt = -Infinity
  #isLooking = false

  constructor(post: (message: FromEngine) => void) {
    this.#post = post
  }

  add(step: GenerationStep): void {
    const isFirst = step.type === 'event' && !this.#begun.has(step.id)
    if (step.type === 'event') this.#begun.add(step.id)
    else this.#begun.delete(step.id)
    if (this.#steps.length === 0) this.#waitUntil(this.#postedAt + intervalMs)
    if (isFirst) this.#dueAt = -Infinity
    this.#put(step)
    if (step.type !== 'event') setImmediate(() => this.#flush())
  }

  /** Posts what waits if it has the first text of a generation. */
  postFirst(): void {
    if (this.#dueAt === -Infinity) this.#flush()
  }

  /** Posts what is due. To be called when nothing is disturbed by it; without such calls it is posted a little later. */
  postDue(): void {
    if (performance.now() >= this.#dueAt) this.#flush()
  }

  #waitUntil(dueAt: number): void {
    this.#dueAt = dueAt
    this.#lookLater()
  }

  /** A timer that is taken back still wakes the process: this one runs out. */
  #lookLater(): void {
    if (this.#isLooking) return
    this.#isLooking = true
    setTimeout(() => {
      this.#isLooking = false
      this.postDue()
      if (this.#steps.length > 0) this.#lookLater()
    }, patienceMs)
  }

  #put(step: GenerationStep): void {
    const index = this.#latest.get(step.id)
    const longer = index === undefined ? undefined : joined(this.#steps[index]!, step)
    if (longer === undefined) this.#latest.set(step.id, this.#steps.push(step) - 1)
    else this.#steps[index!] = longer
  }

  #flush(): void {
    if (this.#steps.length === 0) return
    this.#postedAt = performance.now()
    const steps = this.#steps
    this.#steps = []
    this.#latest.clear()
    this.#post({ type: 'steps', steps })
  }
}

/** Both in one, where the second goes on with the text of the first. */
function joined(first: GenerationStep, second: GenerationStep): GenerationStep | undefined {
  if (first.type !== 'event' || second.type !== 'event') return undefined
  const { event: before } = first
  const { event } = second
  if (event.type !== 'text' && event.type !== 'reasoning' || event.type !== before.type) return undefined
  return { ...first, event: { ...before, text: before.text + event.text } }
}
