// POST /switch/infer: one inference, as JSON or as Server-Sent Events.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { errorBody, noteError, toSwitchError } from '../http/error-rendering.ts'
import { sendEvents } from '../http/sse.ts'
import type { ServerEvent } from '../http/sse.ts'
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
    const note = () => noteInference(request, answer, options)
    const begin = async <T>(step: () => Promise<T>): Promise<T> => {
      try {
        return await step()
      } finally {
        reply.header('X-Switch-Attempts', attemptsHeader(inference.attempts))
      }
    }
    if (!body.stream) return begin(() => readAll(inference.events, answer)).finally(note)
    const events = renderEvents(inference.events, answer, request, note)
    // Until the first event is there an error is still an ordinary HTTP error.
    const first = await begin(() => events.next())
    return sendEvents(reply, first, events)
  })
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

  add(delta: ChainEvent): void {
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

async function readAll(events: RunningInference['events'], answer: AnswerBuilder): Promise<InferAnswer> {
  while (true) {
    const { done, value } = await events.next()
    if (done) return answer.finish(value)
    answer.add(value)
  }
}

/** The stream of one inference. Throws what happens before the first delta; later errors become its last event. */
async function* renderEvents(events: RunningInference['events'], answer: AnswerBuilder, request: FastifyRequest, note: () => void): AsyncGenerator<ServerEvent> {
  let hasStarted = false
  try {
    while (true) {
      const { done, value } = await events.next()
      if (done) return yield { event: 'done', data: answer.finish(value) }
      answer.add(value)
      if (value.type === 'restart') continue
      hasStarted = true
      yield { event: 'delta', data: deltaData(value) }
    }
  } catch (error) {
    if (!hasStarted || error instanceof CallerGone) throw error
    const known = toSwitchError(error as Error)
    noteError(request, known)
    yield { event: 'error', data: errorBody(known, request.id) }
  } finally {
    await events.return(undefined as never)
    note()
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
