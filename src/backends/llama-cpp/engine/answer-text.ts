// Tokens to the text that may be shown: whole characters, and nothing of a stop text.
import type { LlamaModel, Token } from 'node-llama-cpp'
import { StopTexts } from './stop-texts.ts'
import { TokenText } from './token-text.ts'

/** The text of one answer. */
export class AnswerText {
  isStopped = false
  readonly #text: TokenText
  readonly #stops: StopTexts

  /** @param before tokens of text that the answer goes on from */
  constructor(model: LlamaModel, stopTexts: readonly string[], before: readonly Token[]) {
    this.#text = new TokenText(model, before)
    this.#stops = new StopTexts(stopTexts)
  }

  push(token: Token): string {
    const { text, isStopped } = this.#stops.push(this.#text.push(token))
    this.isStopped = isStopped
    return text
  }

  /** The rest of an answer that did not end at a stop text. */
  end(): string {
    if (this.isStopped) return ''
    return this.#stops.push(this.#text.flush()).text + this.#stops.flush()
  }
}
