// Watches one request and, when it asked a model, makes the record of how it went.
import type { SwitchError } from '../inference/errors.ts'
import { textOf } from '../inference/message-text.ts'
import type { AttemptObserver, ObservedAnswer, ObservedInference, RequestEnd, RequestFacts, RequestObserver } from '../inference/observer.ts'
import type { Attempt } from '../inference/receipt.ts'
import type { TraceContext } from '../inference/trace-context.ts'

/** How a request ended, in the form that goes to the page. Null: there is nothing to tell. Times are milliseconds. */
export type RequestRecord = {
  /** Counts from 1 since the service began. */
  number: number
  /** ISO time of its beginning. */
  at: string
  /** Template of the HTTP route. */
  route: string
  /** What its caller named as the model; null: the default route. */
  asked_for: string | null
  kind: 'answer' | 'embedding'
  is_stream: boolean
  /** cancelled: its caller left. */
  outcome: 'success' | 'failed' | 'cancelled'
  /** HTTP status; null when nobody was there to get one. */
  status: number | null
  inference_id: string | null
  source: string | null
  backend: string | null
  model: string | null
  /** True when it was not the route's first backend that answered. */
  degraded: boolean
  /** True when a later backend went on with the text of an earlier one. */
  continued: boolean
  error: { code: string, message: string } | null
  prompt_tokens: number | null
  completion_tokens: number | null
  /** From the request's beginning to the first token of any attempt. */
  first_token_ms: number | null
  latency_ms: number
  attempts: readonly Attempt[]
  /** Only where LOG_PROMPTS is on. */
  prompt?: string
  response?: string
}

export type WatchOptions = {
  readonly keepsTexts: boolean
  readonly now: () => number
  readonly onRecord: (record: RequestRecord) => void
  /** It was turned away before any backend was chosen. */
  readonly onRefused: () => void
}

const longestText = 2000

export class WatchedRequest implements RequestObserver {
  readonly traceId = undefined
  readonly #facts: RequestFacts
  readonly #options: WatchOptions
  readonly #beganAt: number
  readonly #attempts: Readonly<Attempt>[] = []
  #inference: ObservedInference | undefined
  #answer: ObservedAnswer | undefined
  #error: SwitchError | undefined

  constructor(facts: RequestFacts, options: WatchOptions) {
    this.#facts = facts
    this.#options = options
    this.#beganAt = options.now()
  }

  inferenceBegan(inference: ObservedInference): void {
    this.#inference = inference
  }

  attemptBegan(attempt: Readonly<Attempt>): AttemptObserver {
    this.#attempts.push(attempt)
    return unwatched(this.#facts.trace)
  }

  answered(answer: ObservedAnswer): void {
    this.#answer = answer
  }

  failed(error: SwitchError): void {
    this.#error = error
  }

  ended(end: RequestEnd): void {
    if (this.#inference !== undefined) this.#options.onRecord(this.#record(this.#inference, end))
    else if (this.#error !== undefined && isQuestion(this.#facts)) this.#options.onRefused()
  }

  #record(inference: ObservedInference, { status, isCallerGone, durationMs }: RequestEnd): RequestRecord {
    const attempts = this.#attempts.map((attempt) => ({ ...attempt }))
    return {
      number: 0, at: new Date(this.#beganAt).toISOString(), route: this.#facts.route,
      asked_for: inference.model?.slice(0, longestText) ?? null,
      kind: 'embedding' in inference ? 'embedding' : 'answer', is_stream: 'isStream' in inference && inference.isStream,
      outcome: isCallerGone ? 'cancelled' : this.#error ? 'failed' : 'success', status,
      ...answerFields(this.#answer),
      continued: attempts.filter(({ chars }) => chars > 0).length > 1,
      error: this.#error ? { code: this.#error.code, message: this.#error.message } : null,
      first_token_ms: firstTokenOf(attempts), latency_ms: Math.round(durationMs), attempts,
      ...this.#options.keepsTexts && textsOf(inference, this.#answer)
    }
  }
}

function answerFields(answer: ObservedAnswer | undefined) {
  return {
    inference_id: answer?.inferenceId ?? null, source: answer?.source ?? null, backend: answer?.backend ?? null, model: answer?.model ?? null,
    degraded: answer?.isDegraded ?? false,
    prompt_tokens: answer?.usage.prompt_tokens ?? null, completion_tokens: answer?.usage.completion_tokens ?? null
  }
}

function firstTokenOf(attempts: readonly Attempt[]): number | null {
  const times = attempts.flatMap(({ started_ms, first_token_ms }) => first_token_ms === null ? [] : started_ms + first_token_ms)
  return times.length > 0 ? Math.min(...times) : null
}

function textsOf(inference: ObservedInference, answer: ObservedAnswer | undefined): { prompt?: string, response?: string } {
  if (!('request' in inference)) return {}
  const { rawPrompt, messages } = inference.request
  const last = messages.at(-1)
  return { prompt: (rawPrompt ?? (last ? textOf(last) : '')).slice(0, longestText), response: (answer?.text ?? '').slice(0, longestText) }
}

/** Changes of models are no questions, and what is only read is none either. */
function isQuestion({ method, route, isPublic }: RequestFacts): boolean {
  return method === 'POST' && !isPublic && !route.startsWith('/switch/models/')
}

/** The receipt says all: the caller's trace goes on as it came. */
function unwatched(trace: TraceContext | undefined): AttemptObserver {
  return { trace, tokenArrived() {}, ended() {} }
}
