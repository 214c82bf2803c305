// An answer with thoughts, calls or a form to keep to: reads them apart, and says how to decode on.
import type { LlamaGrammarEvaluationState, LlamaModel, Token } from 'node-llama-cpp'
import type { Delta } from '../../../../inference/request.ts'
import type { Tail } from '../decoding/tail.ts'
import type { AnswerPlan } from './answer-plan.ts'
import { AnswerReader } from './answer-reader.ts'
import type { AnswerPart } from './answer-reader.ts'
import type { Answer } from './answer.ts'
import { CallText } from './call-text.ts'
import { Direction } from './direction.ts'
import { StopTexts } from './stop-texts.ts'
import { TokenText } from './token-text.ts'

export type DirectedAnswerInput = {
  readonly model: LlamaModel
  readonly plan: AnswerPlan
  readonly grammar: LlamaGrammarEvaluationState | undefined
  readonly stopTexts: readonly string[]
  /** Text that the answer goes on from, and its tokens as far as the prompt has them. */
  readonly prefill: string
  readonly before: readonly Token[]
  readonly tail: Tail
  /** Tokens of the answer at most. */
  readonly mostTokens: number
}

/** Follows a plan. */
export class DirectedAnswer implements Answer {
  isStopped = false
  hasCalls = false
  readonly #model: LlamaModel
  readonly #thinks: boolean
  readonly #tail: Tail
  readonly #text: TokenText
  readonly #stops: StopTexts
  readonly #reader: AnswerReader
  readonly #calls: CallText | undefined
  readonly #direction: Direction
  #thoughtTokens = 0

  constructor({ model, plan, grammar, stopTexts, prefill, before, tail, mostTokens }: DirectedAnswerInput) {
    this.#model = model
    this.#thinks = plan.thought !== undefined
    this.#tail = tail
    this.#text = new TokenText(model, before, hiddenMarks(model, plan))
    this.#stops = new StopTexts(stopTexts)
    this.#reader = new AnswerReader({ state: plan.state, thought: plan.thought, callMarker: plan.calls?.format.marker })
    this.#calls = plan.calls && new CallText(plan.calls.format, plan.calls.names)
    this.#direction = new Direction({ plan, grammar, mostTokens })
    for (const part of this.#reader.push(prefill)) this.#direction.note(part)
  }

  get reasoningTokens(): number | undefined {
    return this.#thinks ? this.#thoughtTokens : undefined
  }

  /** What the next token must follow. */
  grammar(): LlamaGrammarEvaluationState | undefined {
    return this.#direction.grammar(this.#reader.state)
  }

  /** What was given does not fit the grammar: the answer goes on without it. */
  dropGrammar(): void {
    this.#direction.dropGrammar()
  }

  /** Tokens that follow instead of the model's own; mostly none. */
  takeInsertion(): readonly Token[] {
    if (!this.#tail.isPassed) return []
    const { inserted, called } = this.#direction.takeInsertion(this.#reader.state, this.#thoughtTokens)
    if (called !== '') this.#calls!.push(called)
    return this.#tokensOf(inserted)
  }

  /** Tokens with which an answer goes on that the model would end; mostly none. */
  takeInsertionAtEnd(): readonly Token[] {
    return this.#tokensOf(this.#direction.insertionAtEnd(this.#reader.state))
  }

  #tokensOf(inserted: string): readonly Token[] {
    return inserted === '' ? [] : this.#model.tokenize(inserted, true)
  }

  push(token: Token): readonly Delta[] {
    const wasThought = this.#reader.state === 'thought'
    const deltas = this.#deltasOf(this.#reader.push(this.#tail.takeOff(this.#text.push(token))))
    if (wasThought || this.#reader.state === 'thought') this.#thoughtTokens++
    return deltas
  }

  end(): readonly Delta[] {
    if (this.isStopped) return []
    const deltas = this.#deltasOf([...this.#reader.push(this.#text.flush()), ...this.#reader.end()])
    const rest = this.isStopped ? '' : this.#stops.flush()
    return rest === '' ? deltas : [...deltas, { type: 'text', text: rest }]
  }

  #deltasOf(parts: readonly AnswerPart[]): Delta[] {
    return parts.flatMap((part): Delta[] => {
      if (part.type === 'reasoning') return [part as Delta]
      if (part.type === 'text') return this.#textOf(part.text)
      return this.#direction.note(part) ? this.#callsOf(part.text) : []
    })
  }

  #textOf(said: string): Delta[] {
    if (this.isStopped) return []
    const { text, isStopped } = this.#stops.push(said)
    this.isStopped = isStopped
    return text === '' ? [] : [{ type: 'text', text }]
  }

  #callsOf(text: string): Delta[] {
    const calls = this.#calls!.push(text)
    if (calls.length > 0) this.hasCalls = true
    return calls.map((call) => ({ type: 'tool-call', call }))
  }
}

/** Control tokens of marks, which detokenizing would leave out. */
function hiddenMarks(model: LlamaModel, { calls, thought }: AnswerPlan): ReadonlySet<Token> {
  const marks = [calls?.format.opening, calls?.format.between, calls?.format.paramsPrefix, calls?.format.suffix, thought?.opening, thought?.closing]
  return new Set(model.tokenize(marks.join(''), true).filter((token) => model.detokenize([token]) === ''))
}
