// Events between the socket, which pushes them, and the stream's reader, who takes them in batches.
import type { InferenceEvent } from '../../inference/request.ts'

/**
 * Text that arrives while nobody reads joins into one event: pieces of one socket read cost the rest of the way
 * only once. Everything pushed before the failure is given out before it.
 */
export class EventQueue {
  #events: InferenceEvent[] = []
  #characters = 0
  #isEnded = false
  #failure: { readonly error: unknown } | undefined
  #wake: (() => void) | undefined

  /** Characters of text not yet taken. */
  get backlog(): number {
    return this.#characters
  }

  push(event: InferenceEvent): void {
    this.#events.push(event)
    this.#wakeReader()
  }

  pushReasoning(text: string): void {
    const last = this.#events.at(-1)
    this.#characters += text.length
    if (last?.type === 'reasoning') this.#replaceLast({ type: 'reasoning', text: last.text + text })
    else this.push({ type: 'reasoning', text })
  }

  /** @param logprobs entries of the tokens of `text`, where there are any */
  pushText(text: string, logprobs: readonly unknown[]): void {
    const last = this.#events.at(-1)
    const before = last?.type === 'text' ? last : undefined
    const all = [...before?.logprobs ?? [], ...logprobs]
    const event: InferenceEvent = { type: 'text', text: (before?.text ?? '') + text, ...(all.length > 0 && { logprobs: all }) }
    this.#characters += text.length
    if (before) this.#replaceLast(event)
    else this.push(event)
  }

  end(): void {
    this.#isEnded = true
    this.#wakeReader()
  }

  fail(error: unknown): void {
    this.#failure ??= { error }
    this.end()
  }

  /** Fails at once: what nobody has taken is dropped. */
  drop(error: unknown): void {
    this.#events = []
    this.#failure = { error }
    this.end()
  }

  /**
   * Waits for events. An empty batch is the end.
   * @throws what the queue failed with
   */
  async take(): Promise<readonly InferenceEvent[]> {
    while (this.#events.length === 0 && !this.#isEnded) await new Promise<void>((resolve) => { this.#wake = resolve })
    if (this.#events.length === 0 && this.#failure) throw this.#failure.error
    const batch = this.#events
    this.#events = []
    this.#characters = 0
    return batch
  }

  #replaceLast(event: InferenceEvent): void {
    this.#events[this.#events.length - 1] = event
  }

  #wakeReader(): void {
    this.#wake?.()
    this.#wake = undefined
  }
}
