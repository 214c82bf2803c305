// Writes an answer as OpenAI's chat.completion, whole or in chunks.
import type { ServerEvent } from '../../http/sse.ts'
import type { InferenceResult, RunningInference } from '../../inference/inference.ts'
import type { Delta, FinishReason, ToolCall } from '../../inference/request.ts'
import type { Answer } from '../answer.ts'
import type { AnswerForm } from '../answer-form.ts'
import { answeringModel, endMark, errorEvents, frameOf, wholeUsage } from './completion-frame.ts'

type Choice = { delta: object, logprobs?: readonly unknown[] | undefined, finishReason?: FinishReason }

export class ChatForm implements AnswerForm {
  readonly endMark = endMark
  readonly #inference: RunningInference
  readonly #frame: { readonly id: string, readonly created: number }
  readonly #includesUsage: boolean
  #model: string | undefined
  #calls = 0

  /** @param includesUsage true: a stream ends with a chunk of token counts */
  constructor(inference: RunningInference, includesUsage: boolean) {
    this.#inference = inference
    this.#frame = frameOf('chatcmpl', inference)
    this.#includesUsage = includesUsage
  }

  whole({ text, reasoning, toolCalls, logprobs }: Answer, result: InferenceResult): object {
    const { id, created } = this.#frame
    const message = {
      role: 'assistant',
      content: text === '' && toolCalls.length > 0 ? null : text,
      refusal: null,
      ...(reasoning !== '' && { reasoning_content: reasoning }),
      ...(toolCalls.length > 0 && { tool_calls: toolCalls.map(wireCall) })
    }
    return {
      id, object: 'chat.completion', created, model: result.model,
      choices: [{ index: 0, message, logprobs: wireLogprobs(logprobs), finish_reason: finishReason(result, toolCalls.length > 0) }],
      usage: wholeUsage(result.usage)
    }
  }

  begin(): ServerEvent[] {
    return [this.#chunk({ delta: { role: 'assistant', content: '' } })]
  }

  delta(delta: Delta): ServerEvent[] {
    switch (delta.type) {
      case 'text': return [this.#chunk({ delta: { content: delta.text }, logprobs: delta.logprobs })]
      case 'reasoning': return [this.#chunk({ delta: { reasoning_content: delta.text } })]
      case 'tool-call': return this.#callChunks(delta.call)
    }
  }

  end({ toolCalls }: Answer, result: InferenceResult): ServerEvent[] {
    const last = this.#chunk({ delta: {}, finishReason: finishReason(result, toolCalls.length > 0) })
    return this.#includesUsage ? [last, { data: { ...this.#head(), choices: [], usage: wholeUsage(result.usage) } }] : [last]
  }

  fail = errorEvents

  /** Id, type and name exactly once, and first: some clients take anything else for another call. */
  #callChunks({ id, name, arguments: text }: ToolCall): ServerEvent[] {
    const index = this.#calls++
    const pieces = [{ index, id, type: 'function', function: { name, arguments: '' } }, { index, function: { arguments: text } }]
    return pieces.map((piece) => this.#chunk({ delta: { tool_calls: [piece] } }))
  }

  #chunk({ delta, logprobs, finishReason: reason }: Choice): ServerEvent {
    const choices = [{ index: 0, delta, logprobs: wireLogprobs(logprobs), finish_reason: reason ?? null }]
    return { data: { ...this.#head(), choices, ...(this.#includesUsage && { usage: null }) } }
  }

  /** The same in all chunks, also when another backend goes on with the answer. */
  #head(): object {
    this.#model ??= answeringModel(this.#inference)
    return { id: this.#frame.id, object: 'chat.completion.chunk', created: this.#frame.created, model: this.#model }
  }
}

function wireCall({ id, name, arguments: text }: ToolCall): object {
  return { id, type: 'function', function: { name, arguments: text } }
}

function wireLogprobs(content: readonly unknown[] | undefined): object | null {
  return content === undefined ? null : { content, refusal: null }
}

/** Some backends call an answer that has calls stopped. */
function finishReason({ finishReason: reason }: InferenceResult, hasCalls: boolean): FinishReason {
  return hasCalls && reason === 'stop' ? 'tool_calls' : reason
}
