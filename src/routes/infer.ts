// POST /switch/infer: one inference, as JSON or as Server-Sent Events.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { errorBody, noteError, toSwitchError } from '../http/error-rendering.ts'
import { EventStream, sendEvents } from '../http/sse.ts'
import { CallerGone } from '../inference/failure.ts'
import type { ChainEvent } from '../inference/chain.ts'
import { startInference } from '../inference/inference.ts'
import type { InferenceResult, InferenceService, RunningInference } from '../inference/inference.ts'
import { attemptsHeader } from '../inference/receipt.ts'
import type { Attempt } from '../inference/receipt.ts'
import type { Delta, FinishReason, ToolCall, Usage } from '../inference/request.ts'
import { inferBodySchema, promptOf, toInferenceOptions, toInferenceRequest } from './infer-schema.ts'
import type { InferBody } from './infer-schema.ts'

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

export type InferRouteOptions = {
  service: InferenceService
  defaultTimeoutSeconds: number
  logsPrompts: boolean
  logsTimes: boolean
}

export async function inferRoute(app: FastifyInstance, options: InferRouteOptions): Promise<void> {
  const { service, defaultTimeoutSeconds } = options
  app.post<{ Body: InferBody }>('/switch/infer', { schema: { body: inferBodySchema } }, async (request, reply) => {
    const { body } = request
    const inference = startInference(service, toInferenceRequest(body), toInferenceOptions(body, defaultTimeoutSeconds, request.callerSignal))
    const answer = new AnswerBuilder(inference, promptOf(body))
    const showReceipt = () => void reply.header('X-Switch-Attempts', attemptsHeader(inference.attempts))
    try {
      if (!body.stream) return answer.finish(await inference.run((event) => answer.add(event)))
      const stream = await begin(inference, answer, request, () => noteInference(request, answer, options))
      showReceipt()
      return sendEvents(reply, stream)
    } finally {
      if (!reply.sent) showReceipt()
      noteInference(request, answer, options)
    }
  })
}

/**
 * Runs the inference into a stream. Resolves when there is something to send.
 * @throws what happens before the first delta; later errors become the stream's last event
 * @param note called at the end
 */
async function begin(inference: RunningInference, answer: AnswerBuilder, request: FastifyRequest, note: () => void): Promise<EventStream> {
  const stream = new EventStream()
  const started = Promise.withResolvers<EventStream>()
  let hasStarted = false
  const start = () => {
    hasStarted = true
    started.resolve(stream)
  }
  const emit = (event: ChainEvent) => {
    answer.add(event)
    if (event.type === 'restart') return undefined
    if (!hasStarted) start()
    return stream.write({ event: 'delta', data: deltaData(event) })
  }
  const toTheEnd = async () => {
    const data = answer.finish(await inference.run(emit))
    note()
    if (!hasStarted) start()
    stream.end({ event: 'done', data })
  }
  toTheEnd().catch((error: Error) => {
    if (!hasStarted) return started.reject(error)
    note()
    if (error instanceof CallerGone) return stream.destroy()
    const known = toSwitchError(error)
    noteError(request, known)
    return stream.end({ event: 'error', data: errorBody(known, request.id) })
  })
  return started.promise
}

/** Puts deltas together into the final answer. */
class AnswerBuilder {
  readonly inference: RunningInference
  readonly prompt: string
  response = ''
  reasoning = ''
  readonly toolCalls: ToolCall[] = []
  result: InferenceResult | undefined

  constructor(inference: RunningInference, prompt: string) {
    this.inference = inference
    this.prompt = prompt
  }

  add(delta: ChainEvent): undefined {
    if (delta.type === 'restart') this.response = this.reasoning = ''
    else if (delta.type === 'text') this.response += delta.text
    else if (delta.type === 'reasoning') this.reasoning += delta.text
    else this.toolCalls.push(delta.call)
  }

  finish(result: InferenceResult): InferAnswer {
    this.result = result
    return {
      inference_id: this.inference.id,
      prompt: this.prompt,
      response: this.response,
      ...(this.reasoning !== '' && { reasoning: this.reasoning }),
      ...(this.toolCalls.length > 0 && { tool_calls: this.toolCalls }),
      model: result.model,
      tokens_used: result.usage.total_tokens,
      latency_ms: result.latencyMs,
      source: result.backend.source,
      degraded: result.degraded,
      finish_reason: result.finishReason,
      usage: result.usage,
      attempts: this.inference.attempts
    }
  }
}

function deltaData(delta: Delta): object {
  if (delta.type === 'text') return { text: delta.text }
  return delta.type === 'reasoning' ? { reasoning: delta.text } : { tool_call: delta.call }
}

function noteInference({ logFacts }: FastifyRequest, { inference, prompt, response, result }: AnswerBuilder, { logsPrompts, logsTimes }: InferRouteOptions): void {
  logFacts['inference_id'] = inference.id
  logFacts['attempts'] = logsTimes ? inference.attempts : inference.attempts.map(({ backend, model, outcome, reason }) => ({ backend, model, outcome, reason }))
  if (result) Object.assign(logFacts, { model: result.model, source: result.backend.source, tokens_used: result.usage.total_tokens })
  if (logsPrompts) Object.assign(logFacts, { prompt, response })
}
