// The item of an answer that grows with each delta, and the events that tell of it. Types and comments only.
import type { Delta } from '../../../inference/request.ts'
import type { ItemStatus, OutputItem } from './output-item.ts'

/** An event of the stream, still without its number. */
export type StreamEvent = { readonly type: string, readonly [field: string]: unknown }

/** Deltas that make an item grow; a call comes whole. */
export type GrowingDelta = Exclude<Delta, { type: 'tool-call' }>

export interface GrowingItem {
  /** The deltas that belong to it. */
  readonly takes: GrowingDelta['type']
  /** The events before the first delta. */
  begin(): StreamEvent[]
  grow(delta: GrowingDelta): StreamEvent
  /** The events after the last delta, but for the one with the item itself. */
  end(): StreamEvent[]
  /** It as it is now. */
  item(status: ItemStatus): OutputItem
}
