// A route that takes a question in one of VX11's forms and answers it in the form that its callers read.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { noteError } from '../../http/error-rendering.ts'
import { SwitchError } from '../../inference/errors.ts'
import { startInference } from '../../inference/inference.ts'
import type { InferenceOptions, RunningInference } from '../../inference/inference.ts'
import type { InferenceRequest } from '../../inference/request.ts'
import { Answer } from '../answer.ts'
import { present } from '../body/present.ts'
import { prioritySchema, usualPriority } from '../body/priority.ts'
import { thinkingOf } from '../body/thinking.ts'
import { replyWithInference } from '../inference-reply.ts'
import type { InferenceRouteOptions } from '../inference-reply.ts'
import { partialAnswer, wholeAnswer } from './answered.ts'
import type { AnswerFacts } from './answered.ts'
import { questionSchema } from './body.ts'
import type { QuestionBody } from './body.ts'
import { answerFailure } from './failed.ts'
import { preferenceOf } from './preference.ts'
import { readQuestion } from './question.ts'
import type { FindText, Question } from './question.ts'
import type { Fields } from './question-text.ts'
import { timeLimitSeconds } from './time-limits.ts'
import type { TimeLimit } from './time-limits.ts'

/** How one path differs from the others. */
export type QuestionForm = {
  readonly path: string
  readonly limit: TimeLimit
  /** Of a caller that does not say who it is. */
  readonly usualSource?: string
  /** What `status` says when no model could answer, so that the callers fall back. Faults of the request are always an error. */
  readonly failedStatus: 'error' | 'service_offline'
  readonly find?: FindText
  /** What the model is told beside the question. */
  readonly instruct?: FindText
  /** Tokens of an answer whose length the caller does not bound. */
  readonly maxTokens?: number
  /** Fields that only callers of this path read. `text` is empty when there is no answer. */
  readonly further?: (body: Fields, text: string) => object
}

export function addQuestionRoute(app: FastifyInstance, options: InferenceRouteOptions, form: QuestionForm): void {
  app.post<{ Body: QuestionBody }>(form.path, {
    schema: { body: questionSchema },
    errorHandler: (error, request, reply) => answerFailure(error, request, reply, options.service.backends, form)
  }, async (request, reply) => {
    const question = readQuestion(request.body, form)
    request.logFacts['caller'] = question.source
    if (question.traceId !== undefined) request.logFacts['trace_id'] = question.traceId
    return answerQuestion(request, reply, options, form, question)
  })
}

/** An answer that was cut off, by the time limit or a failure, is given as far as it came, and says so. */
async function answerQuestion(request: FastifyRequest<{ Body: QuestionBody }>, reply: FastifyReply, options: InferenceRouteOptions, form: QuestionForm, question: Question): Promise<object> {
  const { service, model, isUnknown } = preferenceOf(options.service, question.hint)
  const handling = toOptions(question, form, model, options.defaultTimeoutSeconds, request.callerSignal)
  const inference = startInference(service, toRequest(question, form, model), handling)
  const facts: AnswerFacts = { request, question, inference, service, unknownHint: isUnknown ? question.hint : undefined }
  const further = (text: string) => form.further?.(request.body, text)
  const soFar = new Answer()
  try {
    return await replyWithInference(request, reply, options, {
      inference: { ...inference, run: watched(inference.run, soFar) },
      prompt: question.prompt,
      isStream: false,
      form: { whole: (answer, result) => ({ ...wholeAnswer(facts, answer, result), ...further(answer.text) }), ...neverStreams }
    })
  } catch (error) {
    if (!(error instanceof SwitchError) || error.status < 500 || soFar.text.trim() === '') throw error
    noteError(request, error)
    return { ...partialAnswer(facts, soFar, error), ...further(soFar.text) }
  }
}

/** None of VX11's callers reads a stream. */
const neverStreams = { delta: () => [], end: () => [], fail: () => [] }

/** `run`, with what it emits kept in `answer`, which is still there when it fails. */
function watched(run: RunningInference['run'], answer: Answer): RunningInference['run'] {
  return (emit, ...rest) => run((event) => {
    answer.add(event)
    return emit(event)
  }, ...rest)
}

function toRequest({ messages, maxTokens, temperature, sessionId }: Question, form: QuestionForm, model: string | undefined): InferenceRequest {
  return { messages, stop: [], ...present({ maxTokens: maxTokens ?? form.maxTokens, temperature, sessionId }), ...thinkingOf(model) }
}

function toOptions({ source, timeoutSeconds }: Question, form: QuestionForm, model: string | undefined, longestSeconds: number, callerSignal: AbortSignal): InferenceOptions {
  return {
    model,
    timeoutSeconds: timeLimitSeconds(form.limit, source, timeoutSeconds, longestSeconds),
    priority: prioritySchema.safeParse(source ?? form.usualSource).data ?? usualPriority,
    isShown: false,
    callerSignal
  }
}
