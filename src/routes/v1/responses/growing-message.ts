// The message of an answer while its text comes.
import type { GrowingDelta, GrowingItem, StreamEvent } from './growing-item.ts'
import { newItemId } from './output-item.ts'
import type { ItemStatus, OutputMessage, OutputText } from './output-item.ts'

export class GrowingMessage implements GrowingItem {
  readonly takes = 'text'
  readonly #id = newItemId('message')
  readonly #place: { item_id: string, output_index: number, content_index: number }
  readonly #logprobs: unknown[] = []
  #text = ''

  constructor(outputIndex: number) {
    this.#place = { item_id: this.#id, output_index: outputIndex, content_index: 0 }
  }

  begin(): StreamEvent[] {
    const item = { ...this.item('in_progress'), content: [] }
    return [
      { type: 'response.output_item.added', output_index: this.#place.output_index, item },
      { type: 'response.content_part.added', ...this.#place, part: this.#part() }
    ]
  }

  grow(delta: GrowingDelta): StreamEvent {
    const logprobs = delta.type === 'text' ? delta.logprobs ?? [] : []
    this.#text += delta.text
    this.#logprobs.push(...logprobs)
    return { type: 'response.output_text.delta', ...this.#place, delta: delta.text, logprobs }
  }

  end(): StreamEvent[] {
    const part = this.#part()
    return [
      { type: 'response.output_text.done', ...this.#place, text: part.text, logprobs: part.logprobs },
      { type: 'response.content_part.done', ...this.#place, part }
    ]
  }

  item(status: ItemStatus): OutputMessage {
    return { type: 'message', id: this.#id, status, role: 'assistant', content: [this.#part()] }
  }

  #part(): OutputText {
    return { type: 'output_text', text: this.#text, annotations: [], logprobs: [...this.#logprobs] }
  }
}
