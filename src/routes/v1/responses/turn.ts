// One request in its conversation: what was said before, and what is new.
import { SwitchError } from '../../../inference/errors.ts'
import type { ConversationItem } from './conversation.ts'
import type { CreateBody } from './create-body.ts'
import type { InputItem } from './input-item.ts'
import { newItemId } from './output-item.ts'
import type { ResponseStore } from './response-store.ts'

export type Turn = {
  /** What this request adds; every item has an id, and references are what they refer to. */
  readonly input: readonly ConversationItem[]
  /** All of it: earlier turns, then the input. */
  readonly conversation: readonly ConversationItem[]
}

/** @throws SwitchError when the store does not hold what the body refers to */
export function turnOf({ input: items, previous_response_id: previousId }: CreateBody, store: ResponseStore): Turn {
  const input = items.map((item, index) => identified(item, index, store))
  return { input, conversation: [...earlier(previousId ?? undefined, store), ...input] }
}

function earlier(id: string | undefined, store: ResponseStore): readonly ConversationItem[] {
  if (id === undefined) return []
  const stored = store.get(id)
  if (stored) return stored.conversation
  const reason = `There is no answer ${JSON.stringify(id)} here any more, or it was made with store: false. Send the whole conversation as input.`
  throw new SwitchError('SWITCH_PREVIOUS_RESPONSE_UNKNOWN', reason, { body: { details: [{ path: 'previous_response_id', reason }] } })
}

function identified(item: InputItem, index: number, store: ResponseStore): ConversationItem {
  if (item.type !== 'item_reference') return { ...item, id: item.id ?? newItemId(item.type) }
  const referred = store.item(item.id)
  if (referred) return referred
  const reason = `There is no item ${JSON.stringify(item.id)} here any more. Send the item itself instead of a reference.`
  throw new SwitchError('SWITCH_REQUEST_INVALID', reason, { body: { details: [{ path: `input.${index}.id`, reason }] } })
}
