// Makes the items of an answer from its deltas, and the events that tell of each step.
import type { Delta, ToolCall } from '../../../inference/request.ts'
import type { GrowingItem, StreamEvent } from './growing-item.ts'
import { GrowingMessage } from './growing-message.ts'
import { GrowingReasoning } from './growing-reasoning.ts'
import { newItemId } from './output-item.ts'
import type { OutputCall, OutputItem } from './output-item.ts'

/** Items in order, one after the other: only the last one still grows. */
export class Output {
  readonly #done: OutputItem[] = []
  #growing: GrowingItem | undefined

  /** Every item so far; the one that still grows counts as incomplete. */
  get items(): readonly OutputItem[] {
    return this.#growing ? [...this.#done, this.#growing.item('incomplete')] : this.#done
  }

  add(delta: Delta): StreamEvent[] {
    if (delta.type === 'tool-call') return [...this.#close('completed'), ...this.#call(delta.call)]
    if (this.#growing?.takes === delta.type) return [this.#growing.grow(delta)]
    return [...this.#open(delta.type), this.#growing!.grow(delta)]
  }

  /**
   * Closes the last item. An answer with neither a word nor a call gets a message without a word: clients look for one.
   * @param isCut true when the answer met its token limit
   */
  end(isCut: boolean): StreamEvent[] {
    const isEmpty = this.items.every(({ type }) => type === 'reasoning')
    return [...isEmpty ? this.#open('text') : [], ...this.#close(isCut ? 'incomplete' : 'completed')]
  }

  #open(type: GrowingItem['takes']): StreamEvent[] {
    const closing = this.#close('completed')
    const index = this.#done.length
    this.#growing = type === 'text' ? new GrowingMessage(index) : new GrowingReasoning(index)
    return [...closing, ...this.#growing.begin()]
  }

  #close(status: 'completed' | 'incomplete'): StreamEvent[] {
    if (this.#growing === undefined) return []
    const item = this.#growing.item(status)
    const events = [...this.#growing.end(), { type: 'response.output_item.done', output_index: this.#done.length, item }]
    this.#done.push(item)
    this.#growing = undefined
    return events
  }

  /** A call comes whole, so all of its events come at once. */
  #call({ id, name, arguments: text }: ToolCall): StreamEvent[] {
    const call: OutputCall = { type: 'function_call', id: newItemId('function_call'), status: 'completed', call_id: id, name, arguments: text }
    const place = { item_id: call.id, output_index: this.#done.length }
    this.#done.push(call)
    return [
      { type: 'response.output_item.added', output_index: place.output_index, item: { ...call, status: 'in_progress', arguments: '' } },
      { type: 'response.function_call_arguments.delta', ...place, delta: text },
      { type: 'response.function_call_arguments.done', ...place, name, arguments: text },
      { type: 'response.output_item.done', output_index: place.output_index, item: call }
    ]
  }
}
