// Puts the work of all slots into batches: those that decode go together, prompts take turns with them, and a long
// prompt takes only so much at a time that the others keep their pace.
import type { Token } from 'node-llama-cpp'
import type { Slot } from '../slots.ts'
import { PromptShare, chunkAlone } from './prompt-share.ts'
import type { ThreadGovernor, WorkKind } from './thread-governor.ts'

/** A part of a prompt must be this long to tell how fast prompts are: fewer tokens cost more each. */
const leastMeasured = 4
const weight = 0.2

/** What a slot wants evaluated. */
export type Work = {
  readonly slot: Slot
  /** The rest that was in no batch yet. */
  tokens: readonly Token[]
}

/** The first tokens of a work. */
export type Portion<W extends Work = Work> = { readonly work: W, readonly tokens: readonly Token[] }

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
  #lastWasPrompts = false
  #running: Running | undefined
  #promptTokenMs: number | undefined

  constructor({ slots, governor, now = () => performance.now() }: SchedulerOptions) {
    this.#slots = slots
    this.#governor = governor
    this.#now = now
  }

  /** The next batch, of at most `size` tokens. The threads for it are chosen. */
  compose<W extends Work>(queue: readonly W[], size: number): Portion<W>[] {
    const { batch, content } = this.#compose(queue, size)
    const threads = this.#governor?.choose(kindOf(content))
    this.#running = { ...content, threads, startedAt: this.#now() }
    return batch
  }

  /** The composed batch is done. */
  noteDone(): void {
    if (this.#running === undefined) return
    const { startedAt, threads, ...content } = this.#running
    this.#running = undefined
    const tookMs = this.#now() - startedAt
    if (threads !== undefined) this.#governor!.note(kindOf(content), threads, tookMs, Math.max(1, content.promptTokens))
    if (content.guesses === 0) this.#share.note(content.decoding, content.promptTokens, tookMs)
    if (content.decoding === 0 && content.promptTokens >= leastMeasured) this.#notePrompt(tookMs / content.promptTokens)
  }

  /** Milliseconds that a token of a prompt takes when nothing decodes; undefined: none was evaluated yet. */
  get promptTokenMs(): number | undefined {
    return this.#promptTokenMs
  }

  /** How many tokens of a long prompt are worth handing over at once now. */
  get promptChunk(): number {
    const decoding = this.#slots().filter(({ phase }) => phase === 'decoding').length
    return decoding === 0 ? chunkAlone(this.#promptTokenMs) : this.#share.of(decoding)
  }

  #notePrompt(tokenMs: number): void {
    this.#promptTokenMs = this.#promptTokenMs === undefined ? tokenMs : this.#promptTokenMs + (tokenMs - this.#promptTokenMs) * weight
  }

  /**
   * Slots that decode and prompts take turns: llama.cpp would split a mixture into two anyway. In the order of the
   * slots: it evaluates sequences together only while their numbers go up one by one.
   */
  #compose<W extends Work>(queue: readonly W[], size: number): { batch: Portion<W>[], content: Content } {
    const decoding = queue.filter(({ slot }) => slot.phase === 'decoding')
    const isPrompts = decoding.length < queue.length && (decoding.length === 0 || !this.#lastWasPrompts)
    this.#lastWasPrompts = isPrompts
    const batch = isPrompts ? this.#prompts(queue, decoding.length, size) : take(decoding, size)
    const tokens = lengthOf(batch)
    const content = isPrompts ? { decoding: decoding.length, guesses: 0, promptTokens: tokens } : { decoding: batch.length, guesses: tokens - batch.length, promptTokens: 0 }
    return { batch: batch.sort((a, b) => a.work.slot.index - b.work.slot.index), content }
  }

  /** Short ones whole, then the shortest rest of a long one: beside slots that decode by its share. */
  #prompts<W extends Work>(queue: readonly W[], decoding: number, size: number): Portion<W>[] {
    const short = take(queue.filter(({ slot }) => slot.phase === 'short prompt'), size)
    const long = queue.filter(({ slot }) => slot.phase !== 'short prompt' && slot.phase !== 'decoding').toSorted((a, b) => a.tokens.length - b.tokens.length)
    const left = size - lengthOf(short)
    return [...short, ...take(long, decoding === 0 ? left : Math.min(left, this.#share.of(decoding)))]
  }
}

/** What of a batch is comparable with others, for the threads. */
function kindOf({ decoding, guesses, promptTokens }: Content): WorkKind {
  if (promptTokens > 0) return { name: `prompt of ${Math.floor(Math.log2(promptTokens))} bits`, isLong: true }
  return { name: guesses > 0 ? `${Math.ceil(guesses / 4)} times four guesses` : `step of ${decoding}`, isLong: false }
}

function take<W extends Work>(queue: readonly W[], size: number): Portion<W>[] {
  const portions: Portion<W>[] = []
  let left = size
  for (const work of queue) {
    const tokens = work.tokens.slice(0, left)
    left -= tokens.length
    if (tokens.length > 0) portions.push({ work, tokens })
  }
  return portions
}

function lengthOf(batch: readonly Portion[]): number {
  return batch.reduce((sum, { tokens }) => sum + tokens.length, 0)
}
