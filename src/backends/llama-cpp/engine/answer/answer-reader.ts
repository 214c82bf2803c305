// Tells thoughts, text and calls of an answer apart, wherever its pieces are cut.
import type { ThoughtFormat } from '../prompt/chat-format.ts'

export type AnswerPart = { readonly type: 'text' | 'reasoning' | 'call', readonly text: string }

/** start: a thought may begin. call: everything from the first call on. */
export type ReaderState = 'start' | 'thought' | 'text' | 'call'

export type ReaderOptions = {
  readonly state: ReaderState
  readonly thought: Pick<ThoughtFormat, 'open' | 'close'> | undefined
  /** What a call begins with; undefined: there are no calls. */
  readonly callMarker: string | undefined
}

/** Marks are taken out, and the white space around them. */
export class AnswerReader {
  state: ReaderState
  readonly #thought: ReaderOptions['thought']
  readonly #callMarker: string | undefined
  #held = ''
  /** White space is left out until something else comes. */
  #isFresh: boolean

  constructor({ state, thought, callMarker }: ReaderOptions) {
    this.state = state
    this.#thought = thought
    this.#callMarker = callMarker
    this.#isFresh = state === 'thought'
  }

  push(piece: string): AnswerPart[] {
    this.#held += piece
    const parts: AnswerPart[] = []
    let before: ReaderState
    do {
      before = this.state
      const part = this.#read()
      if (part.text !== '') parts.push(part)
    } while (before !== this.state)
    return parts
  }

  /** What was held back, at the end of the answer. */
  end(): AnswerPart[] {
    const text = this.#take(this.#held.length)
    return text === '' || this.state === 'call' ? [] : [this.#part(text)]
  }

  #read(): AnswerPart {
    if (this.state === 'start') return this.#readStart()
    if (this.state === 'thought') return this.#readUntil(this.#thought!.close, 'text')
    if (this.state === 'text' && this.#callMarker !== undefined) return this.#readUntil(this.#callMarker, 'call')
    return this.#part(this.#take(this.#held.length))
  }

  #readStart(): AnswerPart {
    const seen = this.#held.trimStart()
    const { open } = this.#thought!
    if (seen.startsWith(open)) {
      this.#held = seen.slice(open.length)
      this.state = 'thought'
      this.#isFresh = true
    } else if (!open.startsWith(seen)) this.state = 'text'
    return { type: 'text', text: '' }
  }

  /** Up to the mark, or up to where it could begin. */
  #readUntil(mark: string, next: ReaderState): AnswerPart {
    const found = this.#held.indexOf(mark)
    if (found === -1) return this.#part(this.#take(this.#held.length - heldLength(this.#held, mark)))
    const part = this.#part(this.#take(found).trimEnd())
    this.#held = this.#held.slice(mark.length)
    this.state = next
    this.#isFresh = next === 'text'
    return part
  }

  #part(text: string): AnswerPart {
    return { type: this.state === 'thought' ? 'reasoning' : this.state === 'call' ? 'call' : 'text', text }
  }

  #take(length: number): string {
    const taken = this.#held.slice(0, length)
    this.#held = this.#held.slice(length)
    const text = this.#isFresh ? taken.trimStart() : taken
    if (text !== '') this.#isFresh = false
    return text
  }
}

/** Length of the end with which `mark`, or white space before it, could begin. */
function heldLength(text: string, mark: string): number {
  let length = Math.min(text.length, mark.length - 1)
  while (length > 0 && !mark.startsWith(text.slice(-length))) length--
  return text.length - text.slice(0, text.length - length).trimEnd().length
}
