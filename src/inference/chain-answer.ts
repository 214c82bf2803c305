// The answer of a chain as far as it has come: what one backend began, the next one goes on with.
import type { ChainCall } from './chain-call.ts'
import type { OpenAttempt } from './receipt.ts'
import type { Delta } from './request.ts'

export class ChainAnswer {
  readonly #call: ChainCall
  /** The attempts that its text came from. */
  readonly #sources: OpenAttempt[] = []
  #text = ''
  #hasCalls = false

  constructor(call: ChainCall) {
    this.#call = call
  }

  get text(): string {
    return this.#text
  }

  /** True once a tool was called: nobody can go on after that. */
  get hasCalls(): boolean {
    return this.#hasCalls
  }

  /** True when the caller has a part of it already. */
  get isShown(): boolean {
    return this.#call.isShown && (this.#text !== '' || this.#hasCalls)
  }

  /** Adds a delta and gives it out. Thoughts about an answer that has begun are left out. */
  take(delta: Delta, record: OpenAttempt): Promise<void> | undefined {
    const { emit } = this.#call
    if (delta.type === 'reasoning') return this.#text === '' ? emit(delta) : undefined
    if (delta.type === 'tool-call') this.#hasCalls = true
    else {
      if (this.#sources.at(-1) !== record) this.#sources.push(record)
      this.#text += delta.text
      record.textArrived(delta.text)
    }
    return emit(delta)
  }

  /** What came so far is thrown away: the caller has not seen it. */
  startAnew(): void {
    for (const source of this.#sources) source.replaced()
    this.#sources.length = 0
    this.#text = ''
    this.#call.emit({ type: 'restart' })
  }
}
