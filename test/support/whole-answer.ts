// A whole answer with all that an event stream can carry.
import type { FinishReason, InferenceEvent, ToolCall, Usage } from '../../src/inference/request.ts'

export type WholeAnswer = { text: string, reasoning: string, calls: ToolCall[], usage: Usage | undefined, finish: FinishReason | undefined }

export async function readWhole(events: AsyncIterable<InferenceEvent>): Promise<WholeAnswer> {
  const answer: WholeAnswer = { text: '', reasoning: '', calls: [], usage: undefined, finish: undefined }
  for await (const event of events) {
    if (event.type === 'text') answer.text += event.text
    else if (event.type === 'reasoning') answer.reasoning += event.text
    else if (event.type === 'tool-call') answer.calls.push(event.call)
    else if (event.type === 'usage') answer.usage = event.usage
    else answer.finish = event.reason
  }
  return answer
}
