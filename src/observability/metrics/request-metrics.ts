// Measures one request: counts its end, its attempts and its tokens.
import type { BackendKind } from '../../backends/backend.ts'
import type { SwitchError } from '../../inference/errors.ts'
import type { AttemptEnd, AttemptObserver, ObservedAnswer, RequestEnd, RequestFacts, RequestObserver } from '../../inference/observer.ts'
import type { Attempt } from '../../inference/receipt.ts'
import type { TraceContext } from '../../inference/trace-context.ts'
import { blameFor, blameForStatus } from './blame.ts'
import type { Blame } from './blame.ts'
import type { Instruments } from './instruments.ts'
import { GapCounts } from './token-gaps.ts'
import type { TokenGaps } from './token-gaps.ts'

/** Where measurements go, and what is known of a backend by its name. */
export type Gauging = {
  readonly instruments: Instruments
  readonly gaps: TokenGaps
  kindOf(backend: string): BackendKind | undefined
  /** The model's name where the configuration bounds it, else `other`. */
  modelLabel(backend: string, model: string): string
}

export class RequestMetrics implements RequestObserver {
  readonly traceId = undefined
  readonly #gauging: Gauging
  readonly #facts: RequestFacts
  readonly #attempts: Readonly<Attempt>[] = []
  #isInference = false
  #source = 'none'
  #blame: Blame | undefined

  constructor(gauging: Gauging, facts: RequestFacts) {
    this.#gauging = gauging
    this.#facts = facts
  }

  inferenceBegan(): void {
    this.#isInference = true
  }

  attemptBegan(attempt: Readonly<Attempt>): AttemptObserver {
    this.#attempts.push(attempt)
    return new AttemptMetrics(this.#gauging, this.#facts.trace)
  }

  answered({ source, backend, isDegraded }: ObservedAnswer): void {
    const { failovers, continued } = this.#gauging.instruments
    this.#source = source
    if (isDegraded) failovers.inc({ backend })
    if (this.#attempts.filter(({ chars }) => chars > 0).length > 1) continued.inc({ backend })
  }

  failed(error: SwitchError): void {
    const { instruments, kindOf } = this.#gauging
    this.#source = 'none'
    this.#blame = blameFor(error, this.#attempts, kindOf)
    instruments.errors.inc({ code: error.code })
  }

  ended({ status, isCallerGone, durationMs }: RequestEnd): void {
    const { requests, requestSeconds } = this.#gauging.instruments
    const { route } = this.#facts
    const blame = this.#blame ?? (status !== null && status >= 400 ? blameForStatus(status) : undefined)
    const outcome = isCallerGone ? 'cancelled' : blame === undefined ? 'success' : 'error'
    requests.inc({ route, source: this.#source, outcome, reason: isCallerGone ? 'caller' : blame ?? 'none' })
    if (this.#isInference) requestSeconds.observe({ route, outcome }, durationMs / 1000)
  }
}

class AttemptMetrics implements AttemptObserver {
  /** Nothing is traced here: the caller's trace goes on as it came. */
  readonly trace: TraceContext | undefined
  readonly #gauging: Gauging
  readonly #gaps = new GapCounts()

  constructor(gauging: Gauging, trace: TraceContext | undefined) {
    this.#gauging = gauging
    this.trace = trace
  }

  tokenArrived(): void {
    this.#gaps.tokenArrived(performance.now())
  }

  ended({ backend, model, outcome, reason, queued_ms, first_token_ms, duration_ms }: Readonly<Attempt>, { isAdmitted, answer }: AttemptEnd): void {
    const { instruments, gaps } = this.#gauging
    instruments.attempts.inc({ backend, outcome, reason: reason ?? 'none' })
    if (outcome === 'skipped') return
    instruments.queueSeconds.observe({ backend }, (isAdmitted ? queued_ms : duration_ms) / 1000)
    if (first_token_ms !== null) instruments.firstTokenSeconds.observe({ backend }, first_token_ms / 1000)
    gaps.add(backend, this.#gaps)
    if (answer) this.#countTokens(backend, model, answer)
  }

  #countTokens(backend: string, name: string, { usage }: NonNullable<AttemptEnd['answer']>): void {
    const { promptTokens, completionTokens, cachedPromptTokens } = this.#gauging.instruments
    const labels = { backend, model: this.#gauging.modelLabel(backend, name) }
    promptTokens.inc(labels, usage.prompt_tokens)
    completionTokens.inc(labels, usage.completion_tokens)
    cachedPromptTokens.inc(labels, usage.prompt_tokens_details?.cached_tokens ?? 0)
  }
}
