// Puts tokens together into text; a character whose bytes are spread over several tokens comes out whole.
import type { LlamaModel, Token } from 'node-llama-cpp'

type Detokenizer = Pick<LlamaModel, 'detokenize'>

/** Tokens before the pending ones that the tokenizer sees at least: they decide about spaces between words. */
const contextTokens = 8
/** So many are kept before they are cut down to those, so that their text is seldom made anew. */
const mostContextTokens = 24
/** A UTF-8 character has at most 4 bytes; more pending byte tokens than this are no character at all. */
const mostPending = 8
const incomplete = '\uFFFD'

/** Turns the tokens of one answer into text, in order. */
export class TokenText {
  readonly #model: Detokenizer
  readonly #shown: ReadonlySet<Token>
  #before: Token[]
  #beforeText: string
  /** Of the tokens before and the pending ones, when it is known. */
  #allText: string | undefined
  #pending: Token[] = []

  /**
   * @param before tokens of text that the answer goes on from
   * @param shown control tokens that are text here
   */
  constructor(model: Detokenizer, before: readonly Token[] = [], shown: ReadonlySet<Token> = new Set()) {
    this.#model = model
    this.#shown = shown
    this.#before = before.slice(-contextTokens)
    this.#beforeText = this.#textOf(this.#before)
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
    if (this.#pending.length === 0) return ''
    const text = this.#detokenize()
    this.#accept()
    return text
  }

  #detokenize(): string {
    const isShown = this.#shown.size > 0 && this.#pending.some((token) => this.#shown.has(token))
    if (isShown) {
      this.#allText = undefined
      return this.#model.detokenize(this.#pending, true, this.#before)
    }
    const text = this.#textOf([...this.#before, ...this.#pending])
    this.#allText = text
    const goesOn = this.#beforeText !== '' && text.startsWith(this.#beforeText)
    return goesOn ? text.slice(this.#beforeText.length) : this.#textOf(this.#pending)
  }

  #accept(): void {
    this.#before.push(...this.#pending)
    this.#pending = []
    const isLong = this.#before.length > mostContextTokens
    if (isLong) this.#before = this.#before.slice(-contextTokens)
    this.#beforeText = isLong ? this.#textOf(this.#before) : this.#allText ?? this.#textOf(this.#before)
    this.#allText = undefined
  }

  #textOf(tokens: Token[]): string {
    return tokens.length === 0 ? '' : this.#model.detokenize(tokens)
  }
}
