// The tokens with which every conversation with one system prompt begins.
import type { Token } from 'node-llama-cpp'
import type { Message } from '../../../../inference/request.ts'
import { commonLength } from './common-length.ts'

/** System prompts whose tokens are remembered. */
const remembered = 16

/** Of one model. */
export class SystemTokens {
  readonly #tokensOf: (messages: readonly Message[]) => Token[]
  readonly #known = new Map<string, Token[]>()

  /** @param tokensOf renders a conversation */
  constructor(tokensOf: (messages: readonly Message[]) => Token[]) {
    this.#tokensOf = tokensOf
  }

  of(system: string): Token[] {
    const known = this.#known.get(system)
    if (known !== undefined) return known
    const [one, other] = ['a', '7'].map((content) => this.#tokensOf([{ role: 'system', content: system }, { role: 'user', content }]))
    const tokens = one!.slice(0, commonLength(one!, other!))
    this.#known.set(system, tokens)
    const [oldest] = this.#known.keys()
    if (this.#known.size > remembered) this.#known.delete(oldest!)
    return tokens
  }
}
