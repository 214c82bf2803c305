// What VX11's services are told when there is no answer: with HTTP 200, since the gateway throws away the body of every
// other status, and three of them in a row make it leave Switch alone for a minute.
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { errorBody, noteError } from '../../http/error-rendering.ts'
import { SwitchError } from '../../inference/errors.ts'
import type { GatedBackend } from '../../inference/target.ts'
import { spoken } from './answered.ts'
import { sessionOf, taskTypeOf } from './question.ts'
import type { QuestionForm } from './question-route.ts'
import { isFields } from './question-text.ts'
import { waitingIn } from './service-state.ts'

/**
 * Answers a failure in the caller's form.
 * @throws what is no failure of an answer: no token, no JSON, a defect. They keep their own status.
 */
export function answerFailure(error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply, backends: readonly GatedBackend[], form: QuestionForm): FastifyReply {
  if (!(error instanceof SwitchError) || error.code === 'SWITCH_AUTH_REQUIRED') throw error
  noteError(request, error)
  if (error.retryAfterSeconds !== undefined) reply.header('Retry-After', String(Math.ceil(error.retryAfterSeconds)))
  return reply.code(200).send(failureBody(error, request, backends, form))
}

function failureBody(error: SwitchError, request: FastifyRequest, backends: readonly GatedBackend[], form: QuestionForm): object {
  const body = isFields(request.body) ? request.body : {}
  const reason = reasonOf(error, backends)
  return {
    ...errorBody(error, request.id),
    status: error.status < 429 ? 'error' : form.failedStatus,
    module: 'switch',
    reason,
    reasoning: reason,
    ...spoken(`No answer: ${reason}`),
    result: null,
    model: error.body.model ?? 'none',
    source: error.body.source ?? 'degraded',
    provider: 'none',
    provider_used: 'none',
    selected_provider: 'none',
    decision: 'none',
    engine_used: null,
    used_cli: false,
    degraded: true,
    fallback_source: 'error',
    fallback_reason: error.body.attempts?.at(-1)?.reason ?? null,
    tokens_used: 0,
    retry_after_seconds: error.retryAfterSeconds ?? null,
    task_type: taskTypeOf(body) ?? null,
    session_id: sessionOf(body) ?? null,
    correlation_id: request.id,
    queue_size: waitingIn(backends),
    ...form.further?.(body, '')
  }
}

/** Time that ran out while a model was being loaded says little by itself. */
function reasonOf({ code, message }: SwitchError, backends: readonly GatedBackend[]): string {
  const loading = backends.find(({ backend }) => backend.state().status === 'loading')
  const more = code === 'SWITCH_DEADLINE_EXCEEDED' && loading ? loading.backend.state().reason : undefined
  return more === undefined ? message : `${message}. ${more}`
}
