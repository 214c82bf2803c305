// The contract of what makes an answer's tokens into its events. Types only.
import type { Token } from 'node-llama-cpp'
import type { Delta } from '../../../../inference/request.ts'

export interface Answer {
  /** True after a stop text: nothing more may follow. */
  readonly isStopped: boolean
  /** Whether functions were called. */
  readonly hasCalls: boolean
  /** Tokens that were thoughts; undefined for a model that does not think. */
  readonly reasoningTokens: number | undefined
  push(token: Token): readonly Delta[]
  /** The rest of an answer that has ended. */
  end(): readonly Delta[]
}
