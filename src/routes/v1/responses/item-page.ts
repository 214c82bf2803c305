// A page of the items that a request added, in OpenAI's form of lists.
import { SwitchError } from '../../../inference/errors.ts'
import type { ConversationItem } from './conversation.ts'

export type PageQuery = {
  /** The id of the last item of the page before. */
  readonly after?: string | undefined
  readonly limit: number
  readonly order: 'asc' | 'desc'
}

export type ItemPage = { object: 'list', data: readonly ConversationItem[], first_id: string | null, last_id: string | null, has_more: boolean }

/** @throws SwitchError when `after` names none of them */
export function itemPage(items: readonly ConversationItem[], { after, limit, order }: PageQuery): ItemPage {
  const ordered = order === 'asc' ? items : items.toReversed()
  const from = after === undefined ? 0 : ordered.findIndex(({ id }) => id === after) + 1
  if (after !== undefined && from === 0) {
    const reason = `must be the id of an item, but there is no ${JSON.stringify(after)}`
    throw new SwitchError('SWITCH_REQUEST_INVALID', `after: ${reason}.`, { body: { details: [{ path: 'after', reason }] } })
  }
  const data = ordered.slice(from, from + limit).map((item) => Object.assign({ status: 'completed' }, item))
  return { object: 'list', data, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null, has_more: from + limit < ordered.length }
}
