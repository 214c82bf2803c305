// Ends an answer before the first complete one of its stop texts, wherever the pieces of the answer are cut.

/** Takes the answer piece by piece and gives out what can no longer be the beginning of a stop text. */
export class StopTexts {
  readonly #texts: readonly string[]
  #held = ''

  constructor(texts: readonly string[]) {
    this.#texts = texts
  }

  /** The text that is safe to show, and whether a stop text was met: then nothing more may follow. */
  push(piece: string): { text: string, isStopped: boolean } {
    if (this.#texts.length === 0) return { text: piece, isStopped: false }
    const seen = this.#held + piece
    const first = this.#firstComplete(seen)
    if (first !== undefined) {
      this.#held = ''
      return { text: seen.slice(0, first), isStopped: true }
    }
    const safeLength = seen.length - this.#possibleStart(seen)
    this.#held = seen.slice(safeLength)
    return { text: seen.slice(0, safeLength), isStopped: false }
  }

  /** What was held back, when the answer ends without a stop text. */
  flush(): string {
    const held = this.#held
    this.#held = ''
    return held
  }

  /** Where the stop text begins that is complete first, as it would be if the answer came letter by letter. */
  #firstComplete(seen: string): number | undefined {
    const found = this.#texts.map((text) => ({ start: seen.indexOf(text), length: text.length })).filter(({ start }) => start >= 0)
    found.sort((a, b) => a.start + a.length - (b.start + b.length) || a.start - b.start)
    return found[0]?.start
  }

  /** Length of the longest end of `seen` with which a stop text could begin. */
  #possibleStart(seen: string): number {
    const longest = Math.min(seen.length, Math.max(...this.#texts.map((text) => text.length)) - 1)
    for (let length = longest; length > 0; length--) {
      const end = seen.slice(-length)
      if (this.#texts.some((text) => text.startsWith(end))) return length
    }
    return 0
  }
}
