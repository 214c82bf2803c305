// Puts the work of all slots into batches: those that decode go together, and a prompt takes only so much of a batch
// that they keep their pace.
import type { BatchItem, CustomBatchingPrioritizationStrategy, PrioritizedBatchItem } from 'node-llama-cpp'
import type { ThreadGovernor } from './thread-governor.ts'

/** Microtask turns that a batch waits for a straggler before it goes without it. */
const patience = 32
/** A batch with a part of a prompt may take this many times as long as one without. */
const mostSlowdown = 2.2
/** Prompt tokens in a batch beside decoding slots: bounds, and what is taken before anything was measured. */
const share = { least: 4, most: 128, first: 16 }
/** Prompt tokens evaluated at once when nothing decodes. Smaller ones cost speed, larger ones make aborts slow. */
export const chunkLength = 128
/** How much the latest measurement counts. */
const weight = 0.2

/** A prompt's part of a batch must be this long to tell how fast prompts are. */
const tellingPrompt = 64

type Content = {
  /** Slots that get a token. */
  readonly decoding: number
  /** True when some of them have more than one token evaluated. */
  readonly hasGuesses: boolean
  readonly promptTokens: number
}

type Running = Content & { readonly startedAt: number, readonly threads: number | undefined }

export type SchedulerOptions = {
  /** How many slots have tokens to evaluate right now or will have before the next batch. */
  evaluating: () => number
  /** Undefined: the threads stay as they are. */
  governor?: ThreadGovernor | undefined
  /** Milliseconds of a steady clock. */
  now?: () => number
}

/** The scheduler of one context. It measures what a step and a prompt token cost, and shares accordingly. */
export class BatchScheduler {
  readonly #evaluating: () => number
  readonly #governor: ThreadGovernor | undefined
  readonly #now: () => number
  #turnsWaited = 0
  #running: Running | undefined
  /** Milliseconds of a batch in which so many slots decode and nothing else is done. */
  readonly #stepMs: number[] = []
  #promptTokenMs: number | undefined

  constructor({ evaluating, governor, now = () => performance.now() }: SchedulerOptions) {
    this.#evaluating = evaluating
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
    const batch = this.#compose(items, size)
    const content = contentOf(batch)
    const kind = kindOf(content)
    const threads = kind === undefined ? undefined : this.#governor?.choose(kind)
    this.#running = { ...content, threads, startedAt: this.#now() }
    return batch
  }

  /** To be called when a slot has got its result: the batch that ran is done. */
  noteBatchDone(): void {
    if (this.#running === undefined) return
    const { startedAt, threads, ...content } = this.#running
    this.#running = undefined
    const { decoding, hasGuesses, promptTokens } = content
    const tookMs = this.#now() - startedAt
    if (threads !== undefined) this.#governor!.note(kindOf(content)!, threads, tookMs, Math.max(1, promptTokens))
    if (hasGuesses || decoding === 0) return
    if (promptTokens === 0) this.#stepMs[decoding] = average(this.#stepMs[decoding], tookMs)
    else this.#promptTokenMs = average(this.#promptTokenMs, Math.max(0, tookMs - this.#expectedStepMs(decoding)) / promptTokens)
  }

  /** Prompt tokens that go into one batch while `decoding` slots decode. */
  promptShare(decoding: number): number {
    if (decoding === 0) return chunkLength
    const stepMs = this.#expectedStepMs(decoding)
    if (stepMs === 0 || this.#promptTokenMs === undefined) return share.first
    return Math.round(Math.min(share.most, Math.max(share.least, (mostSlowdown - 1) * stepMs / Math.max(this.#promptTokenMs, 1e-6))))
  }

  /** Decoding slots first and whole, then of the prompts what their share allows, the shortest first. */
  #compose(items: readonly BatchItem[], size: number): PrioritizedBatchItem[] {
    const [decoding, prompts] = [items.filter(isDecoding), items.filter((item) => !isDecoding(item))]
    const batch = take(decoding, size)
    const left = size - batch.reduce((sum, { processAmount }) => sum + processAmount, 0)
    const promptTokens = decoding.length === 0 ? left : Math.min(left, this.promptShare(decoding.length))
    return [...batch, ...take(prompts.toSorted((a, b) => a.tokens.length - b.tokens.length), promptTokens)]
  }

  /** Of so many slots, or of the next smaller number that was measured. 0: none was. */
  #expectedStepMs(decoding: number): number {
    return this.#stepMs.slice(0, decoding + 1).findLast((ms) => ms !== undefined) ?? this.#stepMs.find((ms) => ms !== undefined) ?? 0
  }
}

/** Only decoding asks for what the model says next; prompts are evaluated without. */
function isDecoding({ logits }: BatchItem): boolean {
  return logits.length > 0
}

function take(items: readonly BatchItem[], size: number): PrioritizedBatchItem[] {
  let left = size
  return items.flatMap((item) => {
    const processAmount = Math.min(item.tokens.length, left)
    left -= processAmount
    return processAmount > 0 ? [{ item, processAmount }] : []
  })
}

function contentOf(batch: readonly PrioritizedBatchItem[]): Content {
  const decoding = batch.filter(({ item }) => isDecoding(item))
  const promptTokens = batch.reduce((sum, { item, processAmount }) => isDecoding(item) ? sum : sum + processAmount, 0)
  return { decoding: decoding.length, hasGuesses: decoding.some(({ item }) => item.tokens.length > 1), promptTokens }
}

/** What of a batch is comparable with others; undefined for a mixture. */
function kindOf({ decoding, hasGuesses, promptTokens }: Content): string | undefined {
  if (decoding === 0) return promptTokens >= tellingPrompt ? 'prompt' : undefined
  return promptTokens > 0 || hasGuesses ? undefined : `step of ${decoding}`
}

function average(known: number | undefined, latest: number): number {
  return known === undefined ? latest : known + (latest - known) * weight
}
