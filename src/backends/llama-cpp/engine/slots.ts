// The permanent slots of an engine: sequences that are never disposed, each remembering the tokens it holds.
import type { LlamaContext, LlamaContextSequence, Token } from 'node-llama-cpp'

/** One place for one generation at a time. Its sequence keeps its tokens after the generation, for reuse. */
export type Slot = {
  readonly sequence: LlamaContextSequence
  isBusy: boolean
  sessionId: string | undefined
  lastUsedAt: number
}

/** A fixed number of slots. The gate admits no more generations than there are. */
export class Slots {
  readonly #slots: Slot[]

  constructor(context: LlamaContext) {
    this.#slots = Array.from({ length: context.totalSequences }, () => ({ sequence: context.getSequence(), isBusy: false, sessionId: undefined, lastUsedAt: 0 }))
  }

  /** Slots that are generating. */
  get active(): number {
    return this.#slots.filter(({ isBusy }) => isBusy).length
  }

  /**
   * Takes the idle slot that holds the longest common prefix with `tokens`; among equals the one of the same
   * session, then the one unused for longest. Undefined when none is idle.
   */
  take(tokens: Token[], sessionId: string | undefined): Slot | undefined {
    const idle = this.#slots.filter(({ isBusy }) => !isBusy)
    const ranked = idle.map((slot) => ({ slot, prefix: slot.sequence.compareContextTokens(tokens).firstDifferentIndex, isOwn: sessionId !== undefined && slot.sessionId === sessionId }))
    ranked.sort((a, b) => b.prefix - a.prefix || Number(b.isOwn) - Number(a.isOwn) || a.slot.lastUsedAt - b.slot.lastUsedAt)
    const slot = ranked[0]?.slot
    if (slot) Object.assign(slot, { isBusy: true, sessionId })
    return slot
  }

  /** Gives a slot back. Its generator must have returned. */
  release(slot: Slot): void {
    slot.isBusy = false
    slot.lastUsedAt = performance.now()
  }
}
