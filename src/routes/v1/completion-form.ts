// Writes an answer as OpenAI's text_completion, whole or in chunks.
import type { ServerEvent } from '../../http/sse.ts'
import type { InferenceResult, RunningInference } from '../../inference/inference.ts'
import type { Delta, FinishReason } from '../../inference/request.ts'
import type { Answer } from '../answer.ts'
import type { AnswerForm } from '../answer-form.ts'
import { answeringModel, endMark, errorEvents, frameOf, wholeUsage } from './completion-frame.ts'

export class CompletionForm implements AnswerForm {
  readonly endMark = endMark
  readonly #inference: RunningInference
  readonly #frame: { readonly id: string, readonly created: number }
  readonly #includesUsage: boolean
  #model: string | undefined

  /** @param includesUsage true: a stream ends with a chunk of token counts */
  constructor(inference: RunningInference, includesUsage: boolean) {
    this.#inference = inference
    this.#frame = frameOf('cmpl', inference)
    this.#includesUsage = includesUsage
  }

  whole({ text }: Answer, { model, finishReason, usage }: InferenceResult): object {
    return { ...this.#head(model), choices: [choice(text, finishReason)], usage: wholeUsage(usage) }
  }

  /** A text alone: thoughts and calls have no place in this form. */
  delta(delta: Delta): ServerEvent[] {
    return delta.type === 'text' ? [this.#chunk(delta.text, null)] : []
  }

  end(_answer: Answer, { finishReason, usage }: InferenceResult): ServerEvent[] {
    const last = this.#chunk('', finishReason)
    return this.#includesUsage ? [last, { data: { ...this.#head(this.#ownModel()), choices: [], usage: wholeUsage(usage) } }] : [last]
  }

  fail = errorEvents

  #chunk(text: string, reason: FinishReason | null): ServerEvent {
    return { data: { ...this.#head(this.#ownModel()), choices: [choice(text, reason)], ...(this.#includesUsage && { usage: null }) } }
  }

  /** The same in all chunks, also when another backend goes on with the answer. */
  #ownModel(): string {
    return this.#model ??= answeringModel(this.#inference)
  }

  #head(model: string): object {
    return { id: this.#frame.id, object: 'text_completion', created: this.#frame.created, model }
  }
}

function choice(text: string, reason: FinishReason | null): object {
  return { text, index: 0, logprobs: null, finish_reason: reason }
}
