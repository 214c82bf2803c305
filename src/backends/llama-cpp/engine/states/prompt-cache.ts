// What was evaluated once and need not be again: saved states that slots start from, and slots that are saved when they idle.
import type { Token } from 'node-llama-cpp'
import type { Batcher } from '../batching/batcher.ts'
import type { RenderedPrompt } from '../prompt/prompt.ts'
import type { Slot, Slots } from '../slots.ts'
import type { SavedStates } from './saved-states.ts'

/** Reading a state must spare at least this many tokens. */
const worthRestoring = 32
/** A slot is saved when it was idle for this long. */
const idleMs = 1000
/** System prompts that are remembered to have been asked for once. */
const rememberedPrompts = 64

export type PromptCacheOptions = {
  slots: Slots
  /** Undefined: nothing is saved. */
  states: SavedStates | undefined
  /** What is evaluated again within this time is not saved. */
  worthMs: number
  batcher: Batcher
}

/** The saved states of one engine and when they are read and written. */
export class PromptCache {
  readonly #slots: Slots
  readonly #states: SavedStates | undefined
  readonly #worthMs: number
  readonly #batcher: Batcher
  readonly #seen = new Set<string>()
  readonly #timers = new Map<Slot, NodeJS.Timeout>()
  #saving: Promise<void> = Promise.resolve()

  constructor({ slots, states, worthMs, batcher }: PromptCacheOptions) {
    this.#batcher = batcher
    this.#slots = slots
    this.#states = states
    this.#worthMs = worthMs
  }

  /** Brings into the slot what a saved state holds of `tokens` beyond what the slot holds itself. */
  async restore(slot: Slot, tokens: Token[]): Promise<void> {
    this.#forgetTimer(slot)
    const saved = this.#states?.longest(tokens)
    if (saved === undefined) return
    const own = slot.sequence.compareContextTokens(tokens).firstDifferentIndex
    if (saved.commonTokens >= own + worthRestoring) await this.#batcher.change(() => this.#states!.restore(saved.state, slot.sequence))
  }

  /**
   * Where the evaluation of a prompt is to pause for `saveShared`: after a system prompt that was asked for before and
   * lies in no saved state. Undefined: nowhere.
   */
  sharedEnd({ tokens, sharedTokens }: RenderedPrompt, evaluated: number): number | undefined {
    if (this.#states === undefined || sharedTokens <= evaluated) return undefined
    const key = tokens.slice(0, sharedTokens).join()
    if (!this.#seen.has(key)) {
      this.#remember(key)
      return undefined
    }
    const saved = this.#states.longest(tokens.slice(0, sharedTokens))
    const isSaved = saved?.state.isShared && saved.commonTokens === sharedTokens
    return isSaved || !this.#isWorthSaving(sharedTokens) ? undefined : sharedTokens
  }

  /** Saves what the slot holds: a beginning that prompts of others have in common. */
  async saveShared(slot: Slot): Promise<void> {
    await this.#batcher.change(async () => this.#states?.save(slot.sequence, { isShared: true }))
  }

  /** A generation has left the slot: it is saved soon, unless the next one comes before. */
  noteIdle(slot: Slot): void {
    if (this.#states === undefined || !this.#isWorthSaving(slot.sequence.nextTokenIndex)) return
    this.#forgetTimer(slot)
    this.#timers.set(slot, setTimeout(() => void this.#saveIdle(slot), idleMs).unref())
  }

  /** Resolves when no idle slot is being saved. */
  async whenSaved(): Promise<void> {
    await this.#saving
  }

  close(): void {
    for (const slot of this.#timers.keys()) this.#forgetTimer(slot)
  }

  /** Saving holds up the other slots: while some evaluate, it waits. */
  async #saveIdle(slot: Slot): Promise<void> {
    if (slot.phase !== 'idle') return
    if (this.#slots.evaluating > 0) return this.noteIdle(slot)
    this.#forgetTimer(slot)
    // Nobody may take it meanwhile.
    slot.phase = 'taken'
    this.#saving = this.#batcher.change(() => this.#states!.save(slot.sequence))
    await this.#saving
    slot.phase = 'idle'
  }

  #isWorthSaving(tokens: number): boolean {
    const tokenMs = this.#batcher.promptTokenMs
    return tokenMs !== undefined && tokens * tokenMs >= this.#worthMs
  }

  #remember(key: string): void {
    this.#seen.add(key)
    const [oldest] = this.#seen
    if (this.#seen.size > rememberedPrompts) this.#seen.delete(oldest!)
  }

  #forgetTimer(slot: Slot): void {
    clearTimeout(this.#timers.get(slot))
    this.#timers.delete(slot)
  }
}
