// The chain: tries the backends of a route in order until one has answered, inside one deadline.
import { setTimeout as sleep } from 'node:timers/promises'
import type { AttemptLimits } from '../backends/backend.ts'
import { attempt } from './attempt.ts'
import type { Entry } from './breaker.ts'
import { attemptBudget, reserveMs } from './budget.ts'
import type { Budget } from './budget.ts'
import { checkAnswer } from './answer-check.ts'
import { answerFailed } from './chain-errors.ts'
import type { Failure } from './chain-errors.ts'
import { Splice, continuationMode, continuedRequest } from './continuation.ts'
import type { Deadline } from './deadline.ts'
import { BackendError, CallerGone, DeadlinePassed, ShuttingDown } from './failure.ts'
import type { FailureReason } from './failure.ts'
import { QueueFull } from './gate.ts'
import { obstacle, unfitness } from './obstacle.ts'
import { decide } from './policy.ts'
import type { Verdict } from './policy.ts'
import { loadWaitMs } from './readiness.ts'
import type { OpenAttempt, Receipt } from './receipt.ts'
import type { Delta, FinishReason, InferenceEvent, InferenceRequest, Usage } from './request.ts'
import { fieldBeyond } from './route.ts'
import type { Needs } from './route.ts'
import type { GatedBackend } from './target.ts'
import { inTrace } from './trace-context.ts'

/** What is known when an answer is complete. */
export type Completion = {
  /** The backend that finished the answer. */
  readonly backend: GatedBackend['backend']
  readonly model: string
  readonly finishReason: FinishReason
  readonly usage: Usage
  /** True when it is not the first backend of the route. */
  readonly degraded: boolean
}

/** Takes what the chain gives out; the promise that it may return holds the chain back while the reader is behind. */
export type Emit = (event: ChainEvent) => Promise<void> | undefined

/** What the chain gives out. `restart`: forget what came so far, the answer begins anew; only for callers that have shown nothing. */
export type ChainEvent = Delta | { readonly type: 'restart' }

export type ChainCall = {
  readonly request: InferenceRequest
  /** The route, in order; at least one backend. */
  readonly targets: readonly GatedBackend[]
  /** What a backend must be able to do to be asked; at least one is. */
  readonly needs: Needs
  /** Lower goes first. */
  readonly priority: number
  readonly deadline: Deadline
  /** Aborts with DeadlinePassed, CallerGone or ShuttingDown. */
  readonly signal: AbortSignal
  readonly receipt: Receipt
  /** True when every delta is shown at once, so that nothing can be taken back. */
  readonly isShown: boolean
  /** Called when a failure means that no remote backend can be reached. */
  readonly onNetworkDown: () => void
  /** From 0 to 1, for jitter. */
  readonly random: () => number
  readonly emit: Emit
}

/**
 * Emits the deltas of the answer as they come. Resolves when it is complete.
 * @throws SwitchError when no backend could answer, or nobody could go on with an answer that the caller already has
 * @throws CallerGone
 */
export async function runChain(call: ChainCall): Promise<Completion> {
  const answer = new Answer()
  const failures: Failure[] = []
  for (const [index, target] of call.targets.entries()) {
    for (let tries = 1; ; tries++) {
      const result = await tryTarget(call, index, tries > 1, answer, failures)
      if ('completion' in result) return result.completion
      failures.push(result.failure)
      if (answer.hasCalls) throw answerFailed(failures, call.receipt, true)
      const verdict = judge(call, index, tries, answer, result)
      if (verdict.action === 'stop') throw answerFailed(failures, call.receipt, answer.isShown(call))
      if (verdict.action === 'next') break
      await pause(verdict.afterMs, call, target)
    }
  }
  throw answerFailed(failures, call.receipt, answer.isShown(call))
}

/** The answer as far as it has come. */
class Answer {
  text = ''
  hasCalls = false
  /** The attempts that its text came from. */
  readonly sources: OpenAttempt[] = []

  isShown(call: ChainCall): boolean {
    return call.isShown && (this.text !== '' || this.hasCalls)
  }

  forget(): void {
    for (const source of this.sources) source.replaced()
    this.sources.length = 0
    this.text = ''
  }
}

type Failed = { readonly failure: Failure, readonly isProbe: boolean, readonly budget: Budget | undefined }

/** One attempt at the target, or the reason why there is none. */
async function tryTarget(call: ChainCall, index: number, isRetry: boolean, answer: Answer, failures: readonly Failure[]): Promise<{ completion: Completion } | Failed> {
  const target = call.targets[index]!
  const { backend, breaker } = target
  const record = call.receipt.begin(backend.name, modelOf(backend, call.request))
  const remainingMs = call.deadline.remainingMs()
  const budget = loadsTooLong(call, index, remainingMs) ? undefined : attemptBudget(backend.limits, remainingMs, reserveMs(ableAfter(call, index), call.request, remainingMs))
  const unfit = unfitness(target, call.needs, failures)
  const entry = budget === undefined || unfit ? undefined : breaker.enter(isRetry)
  if (entry === undefined) {
    const failure = obstacle(target, call.deadline, budget, unfit)
    record.skipped(failure.reason)
    return { failure, isProbe: false, budget }
  }
  try {
    const completion = await readAnswer(call, target, record, budget!, answer, index > 0)
    entry.alive()
    return { completion }
  } catch (error) {
    const reason = close(error, target, record, entry, call, budget!)
    if (reason === 'invalid_answer' && !call.isShown) startAnew(answer, call)
    if (error instanceof CallerGone || error instanceof ShuttingDown || error instanceof DeadlinePassed) {
      throw error instanceof CallerGone ? error : answerFailed([...failures, { target, reason, error }], call.receipt, answer.isShown(call))
    }
    return { failure: { target, reason, error: error as Error }, isProbe: entry.isProbe, budget }
  } finally {
    entry.withdrawn()
    record.abandoned()
  }
}

/** Its model is not loaded and would not be in time, while another backend may answer. It is loaded for those who come later. */
function loadsTooLong(call: ChainCall, index: number, remainingMs: number): boolean {
  const { backend } = call.targets[index]!
  if ((loadWaitMs(backend.state()) ?? 0) < remainingMs || ableAfter(call, index).length === 0) return false
  backend.modelControl?.load().catch(() => undefined)
  return true
}

async function readAnswer(call: ChainCall, target: GatedBackend, record: OpenAttempt, budget: Budget, answer: Answer, degraded: boolean): Promise<Completion> {
  const { backend, evidence } = target
  const before = answer.text
  const mode = continuationMode(before, backend.capabilities.prefill, call.isShown)
  if (mode === 'replace') startAnew(answer, call)
  const splice = mode === 'splice' ? new Splice(backend.name, before) : undefined
  let usage: Usage = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }
  let finishReason: FinishReason | undefined
  let answeredBy: string | undefined
  const onEvent = (received: InferenceEvent) => {
    const event = splice ? splice.accept(received) : received
    if (event?.type === 'usage') usage = event.usage
    else if (event?.type === 'finish') [finishReason, answeredBy] = [event.reason, event.model]
    else if (event) return take(event, answer, record, call.emit)
    return undefined
  }
  await attempt({ target, request: inTrace(continuedRequest(call.request, before, mode), record.trace), priority: call.priority, budget, signal: call.signal, record, onEvent })
  if (finishReason === undefined) throw new BackendError(backend.name, 'stream_cut', `${backend.name} ended its answer without a finish`)
  if (finishReason === 'stop' && !answer.hasCalls) await checkAnswer(backend.name, answer.text, call.request)
  const model = answeredBy ?? modelOf(backend, call.request)
  record.answersWith(model)
  record.succeeded({ usage, finishReason })
  const speed = record.speed()
  if (speed) evidence.succeeded(speed.firstTokenMs, speed.generationMs, usage.completion_tokens)
  return { backend, model, finishReason, usage, degraded }
}

/** What came so far is thrown away: the caller has not seen it. */
function startAnew(answer: Answer, call: ChainCall): void {
  answer.forget()
  call.emit({ type: 'restart' })
}

/** The model that answers: the backend's own, or the one that the caller named where it takes any. */
function modelOf(backend: GatedBackend['backend'], request: InferenceRequest): string {
  const { model } = backend.state()
  return model === '*' ? request.model ?? model : model
}

/** Adds a delta to the answer and gives it out. Thoughts about an answer that has begun are left out. */
function take(delta: Delta, answer: Answer, record: OpenAttempt, emit: Emit): Promise<void> | undefined {
  if (delta.type === 'reasoning') return answer.text === '' ? emit(delta) : undefined
  if (delta.type === 'tool-call') answer.hasCalls = true
  else {
    if (answer.sources.at(-1) !== record) answer.sources.push(record)
    answer.text += delta.text
    record.textArrived(delta.text)
  }
  return emit(delta)
}

/** Closes the record of a failed attempt and tells the breaker what was learned. */
function close(error: unknown, { backend, evidence }: GatedBackend, record: OpenAttempt, entry: Entry, call: ChainCall, budget: Budget): FailureReason {
  if (error instanceof CallerGone) {
    record.cancelled()
    return 'caller_gone'
  }
  const reason = reasonOf(error)
  record.failed(reason)
  // Time that ran out in the queue says nothing of the backend.
  if (!record.isAdmitted) return reason
  evidence.failed(reason)
  // The supervisor knows the local engine better than a count of failures does.
  if (backend.kind === 'llama-cpp' || reason === 'internal' || reason === 'diverged' || error instanceof ShuttingDown) return reason
  if (record.hasSpoken && wasShortOfTime(reason, backend.limits, budget)) entry.withdrawn()
  else if (reason === 'content_filtered' || reason === 'rejected' || reason === 'context_length_exceeded' || reason === 'invalid_answer') entry.alive()
  else entry.failed(reason, error instanceof BackendError ? error.retryAfterSeconds : undefined)
  if (reason === 'network_down' && !backend.isLocal) call.onNetworkDown()
  return reason
}

/** It was this request that had less time than the backend may take: nothing is learned from that. */
function wasShortOfTime(reason: FailureReason, { timeoutMs = Infinity }: AttemptLimits, budget: Budget): boolean {
  return reason === 'deadline' || (reason === 'attempt_timeout' && budget.timeoutMs < timeoutMs)
}

function reasonOf(error: unknown): FailureReason {
  if (error instanceof BackendError) return error.reason
  if (error instanceof QueueFull) return 'queue_full'
  return error instanceof DeadlinePassed ? 'deadline' : 'internal'
}

function judge(call: ChainCall, index: number, tries: number, answer: Answer, { failure, isProbe, budget }: Failed): Verdict {
  const remainingMs = call.deadline.remainingMs()
  const { backend } = call.targets[index]!
  return decide({
    reason: failure.reason,
    retryAfterSeconds: failure.error instanceof BackendError ? failure.error.retryAfterSeconds : undefined,
    tries, isProbe,
    hasText: answer.text !== '',
    budgetMs: budget === undefined || backend.kind === 'llama-cpp' ? 0 : Math.max(0, remainingMs - reserveMs(ableAfter(call, index), call.request, remainingMs)),
    random: call.random()
  })
}

/** Those behind it that will be asked when it fails. */
function ableAfter(call: ChainCall, index: number): GatedBackend[] {
  return call.targets.slice(index + 1).filter(({ backend }) => fieldBeyond(backend, call.needs) === undefined)
}

async function pause(ms: number, call: ChainCall, target: GatedBackend): Promise<void> {
  try {
    await sleep(ms, undefined, { signal: call.signal })
  } catch {
    const reason: unknown = call.signal.reason
    if (reason instanceof CallerGone) throw reason
    throw answerFailed([{ target, reason: reasonOf(reason), error: reason as Error }], call.receipt, false)
  }
}
