// Prompts of a known length in tokens, no two of which begin alike.
import { Random } from './random.ts'
import type { Message } from './subject.ts'

/** What the template of the chat adds to one message: its marks, its role and the open turn of the answer. */
const templateTokens = 12

/** Gives prompts of random words, each of which is one token. */
export class Prompts {
  readonly #words: readonly string[]
  readonly #random = new Random(8)

  constructor(words: readonly string[]) {
    this.#words = words
  }

  /** Words of about this many tokens. */
  text(tokens: number): string {
    return Array.from({ length: tokens }, () => this.#words[this.#random.below(this.#words.length)]).join(' ')
  }

  /** A conversation of one message that has about this many tokens once it is rendered. */
  question(tokens: number): Message[] {
    return [{ role: 'user', content: this.text(tokens - templateTokens) }]
  }
}

/** As the template of switch-tiny renders it, for programs that take text. */
export function chatText(messages: readonly Message[]): string {
  return `${messages.map(({ role, content }) => `<|im_start|>${role}\n${content}<|im_end|>\n`).join('')}<|im_start|>assistant\n`
}
