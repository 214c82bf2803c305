// Keeps answers of /v1/responses in this process's memory, so that a conversation goes on by the id of its last answer.
import type { ConversationItem } from './conversation.ts'
import { KeptItems, estimatedBytes } from './kept-items.ts'
import type { ResponseObject } from './response-object.ts'

export type StoredResponse = {
  readonly response: ResponseObject
  /** What was new in its request. */
  readonly input: readonly ConversationItem[]
  /** Everything said before and in it, the answer included: what its successor begins with. */
  readonly conversation: readonly ConversationItem[]
}

export type StoreLimits = {
  /** Answers kept. */
  readonly maxCount: number
  /** Memory of all of them together, estimated at two bytes a character. */
  readonly maxBytes: number
}

export const defaultStoreLimits: StoreLimits = { maxCount: 1000, maxBytes: 64 * 1024 * 1024 }

type Entry = StoredResponse & { readonly bytes: number }

/**
 * The answers used last; the one unused for longest goes first. Each holds its whole conversation, so that it outlives
 * its predecessors. An answer larger than the whole store is not kept. A restart forgets everything.
 */
export class ResponseStore {
  readonly #limits: StoreLimits
  /** Oldest use first. */
  readonly #entries = new Map<string, Entry>()
  readonly #items = new KeptItems()
  /** Of the answers without their conversations. */
  #bytes = 0

  constructor(limits: StoreLimits = defaultStoreLimits) {
    this.#limits = limits
  }

  get count(): number {
    return this.#entries.size
  }

  /** The answer with this id, which counts as a use. */
  get(id: string): StoredResponse | undefined {
    const entry = this.#entries.get(id)
    if (entry === undefined) return undefined
    this.#entries.delete(id)
    this.#entries.set(id, entry)
    return entry
  }

  put(stored: StoredResponse): void {
    const bytes = estimatedBytes(stored.response)
    const isTooLarge = bytes + this.#items.hold(stored.conversation) > this.#limits.maxBytes
    if (isTooLarge) return this.#items.release(stored.conversation)
    this.#entries.set(stored.response.id, { ...stored, bytes })
    this.#bytes += bytes
    for (const id of this.#entries.keys()) {
      if (this.#entries.size <= this.#limits.maxCount && this.#bytes + this.#items.bytes <= this.#limits.maxBytes) return
      this.delete(id)
    }
  }

  /** True when there was such an answer. */
  delete(id: string): boolean {
    const entry = this.#entries.get(id)
    if (entry === undefined) return false
    this.#entries.delete(id)
    this.#bytes -= entry.bytes
    this.#items.release(entry.conversation)
    return true
  }

  /** The item of any kept conversation that has this id. */
  item(id: string): ConversationItem | undefined {
    return this.#items.find(id)
  }
}
