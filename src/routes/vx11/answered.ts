// An answer in the fields that VX11's services read: all of /switch/infer's, and their own beside them.
import type { FastifyRequest } from 'fastify'
import type { SwitchError } from '../../inference/errors.ts'
import type { InferenceResult, InferenceService, RunningInference } from '../../inference/inference.ts'
import type { Attempt } from '../../inference/receipt.ts'
import type { Answer } from '../answer.ts'
import type { Question } from './question.ts'
import { kindOf, waitingIn } from './service-state.ts'

export type AnswerFacts = {
  readonly request: FastifyRequest
  readonly question: Question
  readonly inference: RunningInference
  readonly service: InferenceService
  /** A wish for a provider that is not here. */
  readonly unknownHint: string | undefined
}

/** The answer of a model, complete. */
export function wholeAnswer(facts: AnswerFacts, answer: Answer, result: InferenceResult): object {
  return {
    status: 'ok',
    ...spoken(answer.text),
    ...common(facts, answer, result.backend.name),
    model: result.model,
    tokens_used: result.usage.total_tokens,
    latency_ms: result.latencyMs,
    degraded: result.degraded,
    fallback_source: result.degraded ? result.backend.source : null,
    finish_reason: result.finishReason,
    usage: result.usage
  }
}

/** As much of an answer as there was when `error` ended it. Its text says that too: the gateway shows it as if it were whole. */
export function partialAnswer(facts: AnswerFacts, answer: Answer, error: SwitchError): object {
  const { attempts } = facts.inference
  const last = attempts.findLast(({ chars }) => chars > 0) ?? attempts.at(-1)!
  const isLate = error.code === 'SWITCH_DEADLINE_EXCEEDED'
  return {
    status: 'partial',
    ...spoken(answer.text),
    response: marked(answer.text, isLate),
    message: marked(answer.text, isLate),
    ...common(facts, answer, last.backend),
    model: last.model,
    tokens_used: null,
    latency_ms: last.started_ms + last.duration_ms,
    degraded: true,
    fallback_source: 'partial',
    finish_reason: isLate ? 'deadline' : 'interrupted',
    usage: null,
    error: error.message,
    code: error.code
  }
}

/** One text under every name that a caller looks for it. */
export function spoken(text: string): object {
  return { response: text, message: text, content: text, reply: text, result: text }
}

function marked(text: string, isLate: boolean): string {
  return `${text.trimEnd()}… [incomplete: ${isLate ? 'the time ran out' : 'the model broke off'}]`
}

function common({ request, question, inference, service, unknownHint }: AnswerFacts, { reasoning }: Answer, provider: string) {
  const target = service.backends.find(({ backend }) => backend.name === provider)
  const failed = inference.attempts.find(({ reason }) => reason !== null)
  return {
    inference_id: inference.id,
    prompt: question.prompt,
    source: target?.backend.source ?? provider,
    provider,
    provider_used: provider,
    selected_provider: provider,
    decision: target ? kindOf(target) : null,
    engine_used: target?.backend.framework ?? null,
    used_cli: false,
    reasoning: decisionOf(inference.attempts, provider, unknownHint),
    ...(reasoning !== '' && { reasoning_content: reasoning }),
    fallback_reason: failed?.reason ?? null,
    attempts: inference.attempts,
    task_type: question.taskType ?? null,
    session_id: question.sessionId ?? null,
    ...(question.traceId !== undefined && { trace_id: question.traceId }),
    correlation_id: request.id,
    queue_size: waitingIn(service.backends)
  }
}

/** Why it is this provider that answered. */
function decisionOf(attempts: readonly Attempt[], provider: string, unknownHint: string | undefined): string {
  const others = attempts.filter(({ backend, reason }) => backend !== provider && reason !== null)
  const why = others.length === 0 ? `${provider} is the first of the route.` : `${provider} answered after ${others.map(({ backend, reason }) => `${backend} (${reason})`).join(', ')}.`
  return unknownHint === undefined ? why : `${JSON.stringify(unknownHint)} is no provider here. ${why}`
}
