// Answers a request with one inference: as JSON or as a stream, with its receipt in the headers and its facts in the log line.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { noteError } from '../http/error-rendering.ts'
import { sendEvents } from '../http/sse.ts'
import type { InferenceResult, InferenceService, RunningInference } from '../inference/inference.ts'
import { Answer } from './answer.ts'
import type { AnswerForm } from './answer-form.ts'
import { streamAnswer } from './answer-stream.ts'
import { addReceiptHeaders } from './receipt-headers.ts'

/** What every route that runs inferences is given. */
export type InferenceRouteOptions = {
  service: InferenceService
  /** The deadline of a request that names none. */
  defaultTimeoutSeconds: number
  logsPrompts: boolean
  logsTimes: boolean
}

export type InferenceReply = {
  readonly inference: RunningInference
  readonly form: AnswerForm
  readonly isStream: boolean
  /** What the log shows as the prompt, where it may. */
  readonly prompt: string
}

/**
 * The body to send, or the reply that streams it.
 * @throws SwitchError, CallerGone: what happens before the first delta
 */
export async function replyWithInference(request: FastifyRequest, reply: FastifyReply, options: InferenceRouteOptions, { inference, form, isStream, prompt }: InferenceReply): Promise<object> {
  const answer = new Answer()
  const note = (result?: InferenceResult) => noteInference(request, options, { inference, answer, prompt, result })
  try {
    if (isStream) {
      const stream = await streamAnswer({
        inference, answer, form, requestId: request.id, observer: request.observer,
        onEnd: ({ result, error }) => {
          if (error) noteError(request, error)
          note(result)
        }
      })
      addReceiptHeaders(reply, inference)
      return sendEvents(reply, stream)
    }
    const result = await inference.run((event) => void answer.add(event), request.observer)
    note(result)
    return form.whole(answer, result)
  } finally {
    if (!reply.sent) addReceiptHeaders(reply, inference)
    note()
  }
}

type Noted = { inference: RunningInference, answer: Answer, prompt: string, result: InferenceResult | undefined }

function noteInference({ logFacts, observer }: FastifyRequest, { logsPrompts, logsTimes }: InferenceRouteOptions, { inference, answer, prompt, result }: Noted): void {
  logFacts['inference_id'] = inference.id
  logFacts['attempts'] = logsTimes ? inference.attempts : inference.attempts.map(({ backend, model, outcome, reason }) => ({ backend, model, outcome, reason }))
  if (result) {
    Object.assign(logFacts, { model: result.model, source: result.backend.source, tokens_used: result.usage.total_tokens })
    observer?.answered({
      inferenceId: inference.id, source: result.backend.source, backend: result.backend.name, model: result.model, isDegraded: result.degraded,
      usage: result.usage, finishReason: result.finishReason, text: answer.text
    })
  }
  if (logsPrompts) Object.assign(logFacts, { prompt, response: answer.text })
}
