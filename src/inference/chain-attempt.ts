// One attempt of the chain at one target: begins it, reads its stream into the answer, and closes it.
import { checkAnswer } from './answer-check.ts'
import { attempt } from './attempt.ts'
import { beginAttempt, modelOf } from './begun-attempt.ts'
import type { BegunAttempt, FailedAttempt } from './begun-attempt.ts'
import type { ChainAnswer } from './chain-answer.ts'
import type { ChainCall, Completion } from './chain-call.ts'
import { answerFailed } from './chain-errors.ts'
import type { Failure } from './chain-errors.ts'
import { closeFailed } from './chain-lesson.ts'
import { Splice, continuationMode, continuedRequest } from './continuation.ts'
import { BackendError, CallerGone, DeadlinePassed, ShuttingDown } from './failure.ts'
import type { InferenceEvent, Usage } from './request.ts'
import { inTrace } from './trace-context.ts'

type Finish = Extract<InferenceEvent, { type: 'finish' }>

/**
 * Asks the target at `index`, unless something keeps it from being of use.
 * @param failures of the attempts before
 * @throws SwitchError when the request's time is over or the service closes
 * @throws CallerGone
 */
export async function tryTarget(call: ChainCall, index: number, isRetry: boolean, answer: ChainAnswer, failures: readonly Failure[]): Promise<{ readonly completion: Completion } | FailedAttempt> {
  const begun = beginAttempt(call, index, isRetry, failures)
  if ('failure' in begun) return begun
  const { target, record, entry, budget } = begun
  try {
    const completion = await readAnswer(call, begun, answer)
    entry.alive()
    return { completion: { ...completion, degraded: index > 0 } }
  } catch (error) {
    const reason = closeFailed(error, begun, call.onNetworkDown)
    if (reason === 'invalid_answer' && !call.isShown) answer.startAnew()
    if (error instanceof CallerGone) throw error
    const failure = { target, reason, error: error as Error }
    if (error instanceof ShuttingDown || error instanceof DeadlinePassed) throw answerFailed([...failures, failure], call.receipt, answer.isShown)
    return { failure, isProbe: entry.isProbe, budget }
  } finally {
    entry.withdrawn()
    record.abandoned()
  }
}

async function readAnswer(call: ChainCall, begun: BegunAttempt, answer: ChainAnswer): Promise<Omit<Completion, 'degraded'>> {
  const { target: { backend, evidence }, record } = begun
  const { finish, usage } = await readStream(call, begun, answer)
  const { reason: finishReason } = finish
  if (finishReason === 'stop' && !answer.hasCalls) await checkAnswer(backend.name, answer.text, call.request)
  const model = finish.model ?? modelOf(backend, call.request)
  record.answersWith(model)
  record.succeeded({ usage, finishReason })
  const speed = record.speed()
  if (speed) evidence.succeeded(speed.firstTokenMs, speed.generationMs, usage.completion_tokens)
  return { backend, model, finishReason, usage }
}

/** The text goes into the answer, which is gone on with where the backend can, and begun anew where it may be. */
async function readStream(call: ChainCall, { target, record, budget }: BegunAttempt, answer: ChainAnswer): Promise<{ finish: Finish, usage: Usage }> {
  const { backend } = target
  const before = answer.text
  const mode = continuationMode(before, backend.capabilities.prefill, call.isShown)
  if (mode === 'replace') answer.startAnew()
  const splice = mode === 'splice' ? new Splice(backend.name, before) : undefined
  let usage: Usage = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }
  let finish: Finish | undefined
  const onEvent = (received: InferenceEvent) => {
    const event = splice ? splice.accept(received) : received
    if (event?.type === 'usage') usage = event.usage
    else if (event?.type === 'finish') finish = event
    else if (event) return answer.take(event, record)
    return undefined
  }
  await attempt({ target, request: inTrace(continuedRequest(call.request, before, mode), record.trace), priority: call.priority, budget, signal: call.signal, record, onEvent })
  if (finish === undefined) throw new BackendError(backend.name, 'stream_cut', `${backend.name} ended its answer without a finish`)
  return { finish, usage }
}
