// POST /switch/infer: one inference, as JSON or as Server-Sent Events.
import type { FastifyInstance } from 'fastify'
import { errorBody } from '../http/error-rendering.ts'
import { startInference } from '../inference/inference.ts'
import type { InferenceResult, RunningInference } from '../inference/inference.ts'
import type { Attempt } from '../inference/receipt.ts'
import type { Delta, FinishReason, ToolCall, Usage } from '../inference/request.ts'
import type { Answer } from './answer.ts'
import type { AnswerForm } from './answer-form.ts'
import { inferBodySchema, promptOf, toInferenceOptions, toInferenceRequest } from './infer-schema.ts'
import type { InferBody } from './infer-schema.ts'
import { replyWithInference } from './inference-reply.ts'
import type { InferenceRouteOptions } from './inference-reply.ts'

/** The 200 answer, and the data of the `done` event. */
export type InferAnswer = {
  inference_id: string
  prompt: string
  response: string
  reasoning?: string
  tool_calls?: readonly ToolCall[]
  /** What really answered. */
  model: string
  tokens_used: number
  latency_ms: number
  source: string
  /** True when it was not the route's first backend. */
  degraded: boolean
  finish_reason: FinishReason
  usage: Usage
  attempts: readonly Attempt[]
}

export async function inferRoute(app: FastifyInstance, options: InferenceRouteOptions): Promise<void> {
  app.post<{ Body: InferBody }>('/switch/infer', { schema: { body: inferBodySchema } }, async (request, reply) => {
    const { body } = request
    const inference = startInference(options.service, toInferenceRequest(body), toInferenceOptions(body, options.defaultTimeoutSeconds, request.callerSignal))
    const prompt = promptOf(body)
    return replyWithInference(request, reply, options, { inference, prompt, isStream: body.stream ?? false, form: inferForm(inference, prompt) })
  })
}

function inferForm(inference: RunningInference, prompt: string): AnswerForm {
  const whole = (answer: Answer, result: InferenceResult) => inferAnswer(inference, prompt, answer, result)
  return {
    whole,
    delta: (delta) => [{ event: 'delta', data: deltaData(delta) }],
    end: (answer, result) => [{ event: 'done', data: whole(answer, result) }],
    fail: (error, requestId) => [{ event: 'error', data: errorBody(error, requestId) }]
  }
}

function inferAnswer({ id, attempts }: RunningInference, prompt: string, { text, reasoning, toolCalls }: Answer, result: InferenceResult): InferAnswer {
  return {
    inference_id: id,
    prompt,
    response: text,
    ...(reasoning !== '' && { reasoning }),
    ...(toolCalls.length > 0 && { tool_calls: toolCalls }),
    model: result.model,
    tokens_used: result.usage.total_tokens,
    latency_ms: result.latencyMs,
    source: result.backend.source,
    degraded: result.degraded,
    finish_reason: result.finishReason,
    usage: result.usage,
    attempts
  }
}

function deltaData(delta: Delta): object {
  if (delta.type === 'text') return { text: delta.text }
  return delta.type === 'reasoning' ? { reasoning: delta.text } : { tool_call: delta.call }
}
