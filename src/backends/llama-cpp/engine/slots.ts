// The permanent slots of an engine: sequences that are never disposed, each remembering the tokens it holds.
import type { LlamaContext, LlamaContextSequence, Token } from 'node-llama-cpp'
import type { EngineLoad } from '../../backend.ts'
import { Sampler } from './decoding/sampler.ts'

/**
 * What a slot does. `taken`: it has a generation that evaluates nothing now, because it reads a saved state, say.
 * `short prompt`: one that needs no more than a chunk.
 */
export type SlotPhase = 'idle' | 'taken' | 'short prompt' | 'prompt' | 'decoding'

/** One place for one generation at a time. Its sequence keeps its tokens after the generation, for reuse. */
export type Slot = {
  /** The number of its sequence in the context. */
  readonly index: number
  readonly sequence: LlamaContextSequence
  readonly sampler: Sampler
  phase: SlotPhase
  sessionId: string | undefined
  lastUsedAt: number
}

/** A fixed number of slots. The gate admits no more generations than there are. */
export class Slots {
  readonly #slots: Slot[]

  constructor(context: LlamaContext) {
    this.#slots = Array.from({ length: context.totalSequences }, (_, index) => createSlot(index, context.getSequence()))
  }

  get all(): readonly Slot[] {
    return this.#slots
  }

  /** Slots that have tokens in the next batch. */
  get evaluating(): number {
    return this.#slots.filter(({ phase }) => phase !== 'idle' && phase !== 'taken').length
  }

  /** How full the slots are. */
  load(): EngineLoad {
    return {
      kvUsedTokens: this.#slots.reduce((sum, { sequence }) => sum + sequence.nextTokenIndex, 0),
      kvTotalTokens: this.#slots.reduce((sum, { sequence }) => sum + sequence.contextSize, 0),
      busySlots: this.#slots.filter(({ phase }) => phase !== 'idle').length,
      slots: this.#slots.length
    }
  }

  /**
   * Takes the idle slot that `tokens` go on from: the longest common prefix wins. When there is none, the slot of the
   * same session, so that a few common tokens of the template do not cost another conversation what its slot holds; else
   * one between or beside slots that work, because llama.cpp evaluates neighbours together and all others one by one; else
   * the one unused for longest. Undefined when none is idle.
   */
  take(tokens: Token[], sessionId: string | undefined): Slot | undefined {
    const ranked = this.#slots.filter(({ phase }) => phase === 'idle').map((slot) => ({
      slot, prefix: continuedPrefix(slot, tokens), isOwn: sessionId !== undefined && slot.sessionId === sessionId, neighbours: this.#busyNeighbours(slot)
    }))
    ranked.sort((a, b) => b.prefix - a.prefix || Number(b.isOwn) - Number(a.isOwn) || b.neighbours - a.neighbours || a.slot.lastUsedAt - b.slot.lastUsedAt || a.slot.index - b.slot.index)
    const slot = ranked[0]?.slot
    if (slot) Object.assign(slot, { phase: 'taken', sessionId })
    return slot
  }

  /** Gives a slot back. Its generator must have returned. */
  release(slot: Slot): void {
    slot.phase = 'idle'
    slot.lastUsedAt = performance.now()
  }

  #busyNeighbours({ index }: Slot): number {
    return [this.#slots[index - 1], this.#slots[index + 1]].filter((neighbour) => neighbour !== undefined && neighbour.phase !== 'idle').length
  }
}

function createSlot(index: number, sequence: LlamaContextSequence): Slot {
  return { index, sequence, sampler: new Sampler(sequence), phase: 'idle', sessionId: undefined, lastUsedAt: 0 }
}

/** Tokens in common; 0 when they are less than half of what the slot holds and of what is asked for. */
function continuedPrefix({ sequence }: Slot, tokens: Token[]): number {
  const prefix = sequence.compareContextTokens(tokens).firstDifferentIndex
  return prefix * 2 >= Math.min(sequence.nextTokenIndex, tokens.length) ? prefix : 0
}
