// The items of all kept conversations, each counted once however many conversations share it.
import type { ConversationItem } from './conversation.ts'

type Held = { readonly bytes: number, holders: number }

export class KeptItems {
  readonly #held = new Map<ConversationItem, Held>()
  #bytes = 0

  /** Memory of all of them, estimated. */
  get bytes(): number {
    return this.#bytes
  }

  /** Keeps `items` until they are released as often as they were held. Returns the bytes of these alone. */
  hold(items: readonly ConversationItem[]): number {
    let bytes = 0
    for (const item of items) bytes += this.#holdOne(item).bytes
    return bytes
  }

  release(items: readonly ConversationItem[]): void {
    for (const item of items) {
      const held = this.#held.get(item)
      if (held === undefined || --held.holders > 0) continue
      this.#held.delete(item)
      this.#bytes -= held.bytes
    }
  }

  find(id: string): ConversationItem | undefined {
    return this.#held.keys().find((item) => item.id === id)
  }

  #holdOne(item: ConversationItem): Held {
    const held = this.#held.get(item) ?? { bytes: estimatedBytes(item), holders: 0 }
    if (held.holders++ > 0) return held
    this.#held.set(item, held)
    this.#bytes += held.bytes
    return held
  }
}

/** Two bytes a character: what text takes at most. */
export function estimatedBytes(value: object): number {
  return 2 * JSON.stringify(value).length
}
