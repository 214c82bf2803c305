// Puts the work of all slots into batches: those that decode go together, and a prompt takes only so much of a batch
// that they keep their pace.
import type { BatchItem, CustomBatchingPrioritizationStrategy, PrioritizedBatchItem } from 'node-llama-cpp'

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

type Running = { readonly startedAt: number, readonly decoding: number, readonly promptTokens: number }

/** The scheduler of one context. It measures what a step and a prompt token cost, and shares accordingly. */
export class BatchScheduler {
  readonly #evaluating: () => number
  readonly #now: () => number
  #turnsWaited = 0
  #running: Running | undefined
  /** Milliseconds of a batch in which so many slots decode and nothing else is done. */
  readonly #stepMs: number[] = []
  #promptTokenMs: number | undefined

  /**
   * @param evaluating how many slots have tokens to evaluate right now or will have before the next batch
   * @param now milliseconds of a steady clock
   */
  constructor(evaluating: () => number, now: () => number = () => performance.now()) {
    this.#evaluating = evaluating
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
    this.#running = { startedAt: this.#now(), ...countOf(batch) }
    return batch
  }

  /** To be called when a slot has got its result: the batch that ran is done. */
  noteBatchDone(): void {
    if (this.#running === undefined) return
    const { startedAt, decoding, promptTokens } = this.#running
    this.#running = undefined
    const tookMs = this.#now() - startedAt
    if (promptTokens === 0) this.#stepMs[decoding] = average(this.#stepMs[decoding], tookMs)
    else if (decoding > 0) this.#promptTokenMs = average(this.#promptTokenMs, Math.max(0, tookMs - this.#expectedStepMs(decoding)) / promptTokens)
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

function countOf(batch: readonly PrioritizedBatchItem[]): { decoding: number, promptTokens: number } {
  const prompts = batch.filter(({ item }) => !isDecoding(item))
  return { decoding: batch.length - prompts.length, promptTokens: prompts.reduce((sum, { processAmount }) => sum + processAmount, 0) }
}

function average(known: number | undefined, latest: number): number {
  return known === undefined ? latest : known + (latest - known) * weight
}
