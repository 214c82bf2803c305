// How a planned answer is decoded on: which grammar holds, and what is put in between.
import type { LlamaGrammarEvaluationState } from 'node-llama-cpp'
import type { AnswerPlan } from './answer-plan.ts'
import type { AnswerPart, ReaderState } from './answer-reader.ts'

export type DirectionInput = {
  readonly plan: AnswerPlan
  readonly grammar: LlamaGrammarEvaluationState | undefined
  /** Tokens of the answer at most. */
  readonly mostTokens: number
}

/** `called`: text of a call that was written before the grammar took over. */
export type Insertion = { readonly inserted: string, readonly called: string }

const nothing: Insertion = { inserted: '', called: '' }

/** Goes with one answer. */
export class Direction {
  readonly #plan: AnswerPlan
  readonly #mostThoughtTokens: number
  #grammar: LlamaGrammarEvaluationState | undefined
  /** True when what comes after the thoughts has begun. */
  #hasBegun: boolean
  /** True when the grammar of calls holds in an answer that was free. */
  #isCalling = false
  /** What was written behind the marker of a call before that. */
  #seen = ''

  constructor({ plan, grammar, mostTokens }: DirectionInput) {
    this.#plan = plan
    this.#grammar = grammar
    this.#mostThoughtTokens = plan.thoughtShare === 1 ? Infinity : Math.floor(mostTokens * plan.thoughtShare)
    this.#hasBegun = plan.state === 'text' && plan.beginning === ''
  }

  grammar(state: ReaderState): LlamaGrammarEvaluationState | undefined {
    if (isThinking(state)) return undefined
    return this.#plan.isFree && !this.#isCalling ? undefined : this.#grammar
  }

  dropGrammar(): void {
    this.#grammar = undefined
  }

  /** False: this part of a call is not yet under the grammar, and comes back with the insertion. */
  note({ type, text }: AnswerPart): boolean {
    if (type === 'call' && this.#plan.isFree && !this.#isCalling) {
      this.#seen += text
      return false
    }
    return true
  }

  takeInsertion(state: ReaderState, thoughtTokens: number): Insertion {
    if (state === 'thought' && thoughtTokens >= this.#mostThoughtTokens) return this.#begin(this.#plan.thought!.closing)
    if (isThinking(state)) return nothing
    if (!this.#plan.isFree && !this.#hasBegun) return this.#begin(this.#plan.state === 'text' ? '' : '\n\n')
    return state === 'call' && this.#plan.isFree && !this.#isCalling ? this.#openCall() : nothing
  }

  /** What follows when the model would end in the middle of a thought: an answer. */
  insertionAtEnd(state: ReaderState): string {
    return state === 'thought' ? this.#begin(this.#plan.thought!.closing).inserted : ''
  }

  #begin(closing: string): Insertion {
    this.#hasBegun = true
    return { inserted: closing + this.#plan.beginning, called: '' }
  }

  #openCall(): Insertion {
    this.#isCalling = true
    const { opening, marker } = this.#plan.calls!.format
    const rest = opening.slice(marker.length)
    // White space aside, which models vary, what stands there is the beginning of the opening.
    const inserted = rest.startsWith(this.#seen) ? rest.slice(this.#seen.length) : rest.trimStart().slice(this.#seen.trimStart().length)
    return { inserted, called: opening.slice(marker.length, opening.length - inserted.length) }
  }
}

function isThinking(state: ReaderState): boolean {
  return state === 'thought' || state === 'start'
}
