// The saved prompt states that a store knows of, and which of them serves which tokens.
import { commonLength } from '../prompt/common-length.ts'
import type { SavedState } from './state-file.ts'

/** A state and how many tokens, from the first on, it has in common with what was asked for. */
export type Match = { readonly state: SavedState, readonly commonTokens: number }

/** Everything is in memory; states are known by their path. */
export class StateIndex {
  readonly #states = new Map<string, SavedState>()
  readonly #isCuttable: boolean

  constructor(isCuttable: boolean) {
    this.#isCuttable = isCuttable
  }

  add(state: SavedState): void {
    this.#states.set(state.path, state)
  }

  delete(path: string): void {
    this.#states.delete(path)
  }

  /** The most that a token takes in any of the states. Infinity without states. */
  get bytesPerToken(): number {
    const known = [...this.#states.values()].map(({ stateBytes, tokens }) => stateBytes / tokens.length)
    return known.length > 0 ? Math.max(...known) : Infinity
  }

  /** The state with the longest common beginning, of at least one token; among equals the smallest. */
  longest(tokens: readonly number[]): Match | undefined {
    const matches = [...this.#states.values()].map((state) => ({ state, commonTokens: commonLength(state.tokens, tokens) }))
    const useful = matches.filter(({ state, commonTokens }) => commonTokens > 0 && (this.#isCuttable || commonTokens === state.tokens.length))
    useful.sort((a, b) => b.commonTokens - a.commonTokens || a.state.stateBytes - b.state.stateBytes)
    return useful[0]
  }

  /** The states that serve for `tokens` to the last one. */
  covering(tokens: readonly number[]): SavedState[] {
    return [...this.#states.values()].filter((state) =>
      commonLength(state.tokens, tokens) === tokens.length && (this.#isCuttable || state.tokens.length === tokens.length))
  }

  /** The states that `tokens` begin with. */
  continuedBy(tokens: readonly number[]): SavedState[] {
    return [...this.#states.values()].filter((state) => commonLength(state.tokens, tokens) === state.tokens.length)
  }
}
