// The thoughts of an answer while they come.
import type { GrowingDelta, GrowingItem, StreamEvent } from './growing-item.ts'
import { newItemId } from './output-item.ts'
import type { ItemStatus, OutputReasoning, SummaryText } from './output-item.ts'

export class GrowingReasoning implements GrowingItem {
  readonly takes = 'reasoning'
  readonly #id = newItemId('reasoning')
  readonly #place: { item_id: string, output_index: number, summary_index: number }
  #text = ''

  constructor(outputIndex: number) {
    this.#place = { item_id: this.#id, output_index: outputIndex, summary_index: 0 }
  }

  begin(): StreamEvent[] {
    const item = { ...this.item('in_progress'), summary: [] }
    return [
      { type: 'response.output_item.added', output_index: this.#place.output_index, item },
      { type: 'response.reasoning_summary_part.added', ...this.#place, part: this.#part() }
    ]
  }

  grow({ text }: GrowingDelta): StreamEvent {
    this.#text += text
    return { type: 'response.reasoning_summary_text.delta', ...this.#place, delta: text }
  }

  end(): StreamEvent[] {
    const part = this.#part()
    return [
      { type: 'response.reasoning_summary_text.done', ...this.#place, text: part.text },
      { type: 'response.reasoning_summary_part.done', ...this.#place, part }
    ]
  }

  item(status: ItemStatus): OutputReasoning {
    return { type: 'reasoning', id: this.#id, status, summary: [this.#part()] }
  }

  #part(): SummaryText {
    return { type: 'summary_text', text: this.#text }
  }
}
