// The answer of one inference as its deltas put it together.
import type { ChainEvent } from '../inference/chain-call.ts'
import type { ToolCall } from '../inference/request.ts'

export class Answer {
  text = ''
  reasoning = ''
  toolCalls: ToolCall[] = []
  /** OpenAI's entries for the tokens of the text; undefined where none came. */
  logprobs: unknown[] | undefined

  add(event: ChainEvent): void {
    switch (event.type) {
      case 'text':
        this.text += event.text
        if (event.logprobs) (this.logprobs ??= []).push(...event.logprobs)
        return
      case 'reasoning':
        this.reasoning += event.text
        return
      case 'tool-call':
        this.toolCalls.push(event.call)
        return
      case 'restart':
        this.text = this.reasoning = ''
        this.toolCalls = []
        this.logprobs = undefined
    }
  }
}
