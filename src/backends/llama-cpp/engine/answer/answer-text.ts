// An answer of free text: whole characters, and nothing of a stop text.
import type { LlamaModel, Token } from 'node-llama-cpp'
import type { Delta } from '../../../../inference/request.ts'
import type { Tail } from '../decoding/tail.ts'
import type { Answer } from './answer.ts'
import { StopTexts } from './stop-texts.ts'
import { TokenText } from './token-text.ts'

export type AnswerTextInput = {
  readonly model: LlamaModel
  readonly stopTexts: readonly string[]
  /** Tokens of text that the answer goes on from. */
  readonly before: readonly Token[]
  readonly tail: Tail
}

const nothing: readonly Delta[] = []

/** The text of one answer. */
export class AnswerText implements Answer {
  readonly hasCalls = false
  readonly reasoningTokens = undefined
  isStopped = false
  readonly #text: TokenText
  readonly #stops: StopTexts
  readonly #tail: Tail

  constructor({ model, stopTexts, before, tail }: AnswerTextInput) {
    this.#text = new TokenText(model, before)
    this.#stops = new StopTexts(stopTexts)
    this.#tail = tail
  }

  push(token: Token): readonly Delta[] {
    const { text, isStopped } = this.#stops.push(this.#text.push(token))
    this.isStopped = isStopped
    return said(this.#tail.takeOff(text))
  }

  end(): readonly Delta[] {
    if (this.isStopped) return nothing
    return said(this.#stops.push(this.#text.flush()).text + this.#stops.flush())
  }
}

function said(text: string): readonly Delta[] {
  return text === '' ? nothing : [{ type: 'text', text }]
}
