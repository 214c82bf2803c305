// An answer in the form of /v1/responses: one object, or the events that build it up.
import type { ServerEvent } from '../../../http/sse.ts'
import type { SwitchError } from '../../../inference/errors.ts'
import type { InferenceResult, RunningInference } from '../../../inference/inference.ts'
import type { Delta } from '../../../inference/request.ts'
import type { Answer } from '../../answer.ts'
import type { AnswerForm } from '../../answer-form.ts'
import type { CreateBody } from './create-body.ts'
import type { StreamEvent } from './growing-item.ts'
import { Output } from './output.ts'
import { begunResponse, endedResponse, failedResponse } from './response-object.ts'
import type { ResponseObject } from './response-object.ts'

export type ResponseFormOptions = {
  readonly inference: RunningInference
  readonly body: CreateBody
  /** Called once with the object of a complete answer. */
  readonly onEnd: (response: ResponseObject) => void
}

export class ResponseForm implements AnswerForm {
  readonly #options: ResponseFormOptions
  readonly #createdAtSeconds = Math.floor(Date.now() / 1000)
  readonly #output = new Output()
  #begun: ResponseObject | undefined
  #eventCount = 0

  constructor(options: ResponseFormOptions) {
    this.#options = options
  }

  whole({ reasoning, text, logprobs, toolCalls }: Answer, result: InferenceResult): ResponseObject {
    if (reasoning !== '') this.#output.add({ type: 'reasoning', text: reasoning })
    if (text !== '') this.#output.add({ type: 'text', text, ...(logprobs && { logprobs }) })
    for (const call of toolCalls) this.#output.add({ type: 'tool-call', call })
    this.#output.end(result.finishReason === 'length')
    return this.#ended(result)
  }

  begin(): ServerEvent[] {
    const response = this.#response()
    return this.#numbered([{ type: 'response.created', response }, { type: 'response.in_progress', response }])
  }

  delta(delta: Delta): ServerEvent[] {
    return this.#numbered(this.#output.add(delta))
  }

  end(_answer: Answer, result: InferenceResult): ServerEvent[] {
    const closing = this.#output.end(result.finishReason === 'length')
    const response = this.#ended(result)
    return this.#numbered([...closing, { type: `response.${response.status}`, response }])
  }

  fail(error: SwitchError, requestId: string): ServerEvent[] {
    return this.#numbered([{ type: 'response.failed', response: failedResponse(this.#response(), this.#output.items, error, requestId) }])
  }

  #ended(result: InferenceResult): ResponseObject {
    const response = endedResponse(this.#response(), this.#output.items, result)
    this.#options.onEnd(response)
    return response
  }

  /** The object at its beginning, made when the model that answers is known. */
  #response(): ResponseObject {
    return this.#begun ??= begunResponse(this.#options.inference, this.#options.body, this.#createdAtSeconds)
  }

  #numbered(events: readonly StreamEvent[]): ServerEvent[] {
    return events.map(({ type, ...fields }) => ({ event: type, data: { type, sequence_number: this.#eventCount++, ...fields } }))
  }
}
