// Puts the work of all slots into batches: those that decode go together, prompts take turns with them, and a long
// prompt takes only so much at a time that the others keep their pace.
import type { BatchItem, CustomBatchingPrioritizationStrategy, EvaluationPriority, PrioritizedBatchItem } from 'node-llama-cpp'
import type { Slot } from '../slots.ts'
import { PromptShare, chunkLength } from './prompt-share.ts'
import type { ThreadGovernor, WorkKind } from './thread-governor.ts'

/** Microtask turns that a batch waits for a straggler before it goes without it. */
const patience = 32

type Content = {
  /** Slots that get a token, or wait for one while prompts have their turn. */
  readonly decoding: number
  /** Tokens beyond the first of those slots. */
  readonly guesses: number
  readonly promptTokens: number
}

type Running = Content & { readonly startedAt: number, readonly threads: number | undefined }

export type SchedulerOptions = {
  /** By their index. */
  slots: () => readonly Slot[]
  /** Undefined: the threads stay as they are. */
  governor?: ThreadGovernor | undefined
  /** Milliseconds of a steady clock. */
  now?: () => number
}

/** The scheduler of one context. It measures what it does, and shares accordingly. */
export class BatchScheduler {
  readonly #slots: () => readonly Slot[]
  readonly #governor: ThreadGovernor | undefined
  readonly #now: () => number
  readonly #share = new PromptShare()
  #turnsWaited = 0
  #lastWasPrompts = false
  #running: Running | undefined

  constructor({ slots, governor, now = () => performance.now() }: SchedulerOptions) {
    this.#slots = slots
    this.#governor = governor
    this.#now = now
  }

  /**
   * Waits until every evaluating slot has queued its tokens. node-llama-cpp 3.22 dispatches as soon as anything is
   * queued, which loses one slot of every batch.
   */
  readonly strategy: CustomBatchingPrioritizationStrategy = ({ items, size }) => {
    this.noteBatchDone()
    if (items.length < this.#evaluating() && this.#turnsWaited < patience) {
      this.#turnsWaited++
      return []
    }
    this.#turnsWaited = 0
    const { batch, content } = this.#compose(items, size)
    const threads = this.#governor?.choose(kindOf(content))
    this.#running = { ...content, threads, startedAt: this.#now() }
    return batch
  }

  /** To be called when a slot has got its result: the batch that ran is done. */
  noteBatchDone(): void {
    if (this.#running === undefined) return
    const { startedAt, threads, ...content } = this.#running
    this.#running = undefined
    const tookMs = this.#now() - startedAt
    if (threads !== undefined) this.#governor!.note(kindOf(content), threads, tookMs, Math.max(1, content.promptTokens))
    if (content.guesses === 0) this.#share.note(content.decoding, content.promptTokens, tookMs)
  }

  /** How many tokens of a long prompt are worth handing over at once now. */
  get promptChunk(): number {
    const decoding = this.#slots().filter(({ phase }) => phase === 'decoding').length
    return decoding === 0 ? chunkLength : this.#share.of(decoding)
  }

  #evaluating(): number {
    return this.#slots().filter(({ phase }) => phase !== 'idle' && phase !== 'taken').length
  }

  /**
   * Slots that decode and prompts take turns: llama.cpp would split a mixture into two anyway. In the order of the
   * slots: it evaluates sequences together only while their numbers go up one by one.
   */
  #compose(items: readonly BatchItem[], size: number): { batch: PrioritizedBatchItem[], content: Content } {
    const { decoding = [], short = [], long = [] } = Object.groupBy(items, (item) => groupOf(this.#slotOf(item)))
    const hasPrompts = short.length + long.length > 0
    const batch = hasPrompts && (decoding.length === 0 || !this.#lastWasPrompts) ? this.#prompts(short, long, decoding.length, size) : take(decoding, size)
    const tokens = batch.reduce((sum, { processAmount }) => sum + processAmount, 0)
    const isPrompts = hasPrompts && batch[0]?.item !== decoding[0]
    this.#lastWasPrompts = isPrompts
    const content = isPrompts ? { decoding: decoding.length, guesses: 0, promptTokens: tokens } : { decoding: batch.length, guesses: tokens - batch.length, promptTokens: 0 }
    return { batch: batch.sort((a, b) => a.item.evaluationPriority - b.item.evaluationPriority), content }
  }

  /** Short ones whole, then the shortest rest of a long one: beside slots that decode by its share. */
  #prompts(short: readonly BatchItem[], long: readonly BatchItem[], decoding: number, size: number): PrioritizedBatchItem[] {
    const batch = take(short, size)
    const left = size - batch.reduce((sum, { processAmount }) => sum + processAmount, 0)
    const shortestFirst = long.toSorted((a, b) => a.tokens.length - b.tokens.length)
    return [...batch, ...take(shortestFirst, decoding === 0 ? left : Math.min(left, this.#share.of(decoding)))]
  }

  /** Undefined for what the library evaluates by itself. */
  #slotOf({ evaluationPriority }: BatchItem): Slot | undefined {
    return this.#slots()[evaluationPriority]
  }
}

function groupOf(slot: Slot | undefined): 'decoding' | 'short' | 'long' {
  if (slot?.phase === 'decoding') return 'decoding'
  return slot?.phase === 'short prompt' ? 'short' : 'long'
}

/** What a slot passes with its tokens, so that the scheduler knows whose they are: the library leaves it to the strategy. */
export function evaluationPriorityOf({ index }: Slot): EvaluationPriority {
  return index as EvaluationPriority
}

/** What of a batch is comparable with others, for the threads. */
function kindOf({ decoding, guesses, promptTokens }: Content): WorkKind {
  if (promptTokens > 0) return { name: `prompt of ${Math.floor(Math.log2(promptTokens))} bits`, isLong: true }
  return { name: guesses > 0 ? `${Math.ceil(guesses / 4)} times four guesses` : `step of ${decoding}`, isLong: false }
}

function take(items: readonly BatchItem[], size: number): PrioritizedBatchItem[] {
  let left = size
  return items.flatMap((item) => {
    const processAmount = Math.min(item.tokens.length, left)
    left -= processAmount
    return processAmount > 0 ? [{ item, processAmount }] : []
  })
}
