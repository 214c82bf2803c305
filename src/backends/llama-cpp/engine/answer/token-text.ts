// Puts tokens together into text; a character whose bytes are spread over several tokens comes out whole.
import type { LlamaModel, Token } from 'node-llama-cpp'

type Detokenizer = Pick<LlamaModel, 'detokenize'>

/** Tokens before the pending ones that the tokenizer sees: they decide about spaces between words. */
const contextTokens = 8
/** A UTF-8 character has at most 4 bytes; more pending byte tokens than this are no character at all. */
const mostPending = 8
const incomplete = '\uFFFD'

/** Turns the tokens of one answer into text, in order. */
export class TokenText {
  readonly #model: Detokenizer
  readonly #shown: ReadonlySet<Token>
  #before: Token[]
  #pending: Token[] = []

  /**
   * @param before tokens of text that the answer goes on from
   * @param shown control tokens that are text here
   */
  constructor(model: Detokenizer, before: readonly Token[] = [], shown: ReadonlySet<Token> = new Set()) {
    this.#model = model
    this.#shown = shown
    this.#before = before.slice(-contextTokens)
  }

  /** The text that this token completes; empty while a character is incomplete. */
  push(token: Token): string {
    this.#pending.push(token)
    const text = this.#detokenize()
    if (text.endsWith(incomplete) && this.#pending.length < mostPending) return ''
    this.#accept()
    return text
  }

  /** What is left at the end of the answer: nothing, or the marks of an incomplete character. */
  flush(): string {
    const text = this.#pending.length > 0 ? this.#detokenize() : ''
    this.#accept()
    return text
  }

  #detokenize(): string {
    const isShown = this.#shown.size > 0 && this.#pending.some((token) => this.#shown.has(token))
    return this.#model.detokenize(this.#pending, isShown, this.#before)
  }

  #accept(): void {
    this.#before = [...this.#before, ...this.#pending].slice(-contextTokens)
    this.#pending = []
  }
}
