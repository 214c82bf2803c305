// The span of one attempt. It begins when the backend is about to be asked: what is skipped is an event of the request's span.
import { SpanKind, SpanStatusCode } from '@opentelemetry/api'
import type { Context, Span, Tracer } from '@opentelemetry/api'
import type { AttemptEnd, AttemptObserver, ObservedInference } from '../../inference/observer.ts'
import type { Attempt } from '../../inference/receipt.ts'
import type { TraceContext } from '../../inference/trace-context.ts'
import { attributesOfAsking, attributesOfEnd, operationOf } from './attributes.ts'
import { headersOf } from './span-link.ts'

export type AttemptTraceOptions = {
  readonly tracer: Tracer
  readonly request: Span
  /** The request's span as a context. */
  readonly parent: Context
  readonly inference: ObservedInference
  readonly provider: string
  readonly attempt: Readonly<Attempt>
}

export class AttemptTrace implements AttemptObserver {
  readonly #options: AttemptTraceOptions
  readonly #beganAt = Date.now()
  #span: Span | undefined

  constructor(options: AttemptTraceOptions) {
    this.#options = options
  }

  get trace(): TraceContext {
    return headersOf(this.#begin())
  }

  tokenArrived(): void {}

  ended(attempt: Readonly<Attempt>, end: AttemptEnd): void {
    const { backend, outcome, reason } = attempt
    if (outcome === 'skipped') return void this.#options.request.addEvent('switch.attempt.skipped', { 'switch.backend': backend, 'switch.attempt.reason': reason ?? '' })
    const span = this.#begin()
    span.setAttributes(attributesOfEnd(attempt, end))
    if (outcome === 'failed') span.setStatus({ code: SpanStatusCode.ERROR, message: reason ?? '' })
    span.end()
  }

  #begin(): Span {
    const { tracer, parent, inference, provider, attempt } = this.#options
    this.#span ??= tracer.startSpan(`${operationOf(inference)} ${attempt.model}`, { kind: SpanKind.CLIENT, startTime: this.#beganAt, attributes: attributesOfAsking(inference, provider, attempt) }, parent)
    return this.#span
  }
}
