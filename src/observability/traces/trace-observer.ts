// Traces requests: a server span for each, a client span below it for each attempt that was made.
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { Context, Span, Tracer } from '@opentelemetry/api'
import type { SwitchError } from '../../inference/errors.ts'
import type { AttemptObserver, ObservedAnswer, ObservedInference, Observer, RequestEnd, RequestFacts, RequestObserver } from '../../inference/observer.ts'
import type { Attempt } from '../../inference/receipt.ts'
import { AttemptTrace } from './attempt-trace.ts'
import { operationOf } from './attributes.ts'
import { attributesOfInput, attributesOfOutput } from './content.ts'
import { contextOf } from './span-link.ts'
import { Untraced } from './untraced.ts'

export type TraceObserverOptions = {
  readonly tracer: Tracer
  /** gen_ai.provider.name of a backend. */
  readonly providerOf: (backend: string) => string
  /** Whether prompts and answers go to the collector. */
  readonly hasContent: boolean
}

export class TraceObserver implements Observer {
  readonly #options: TraceObserverOptions

  constructor(options: TraceObserverOptions) {
    this.#options = options
  }

  requestBegan(facts: RequestFacts): RequestObserver {
    return facts.isPublic ? new Untraced(facts.trace) : new RequestTrace(this.#options, facts)
  }
}

class RequestTrace implements RequestObserver {
  readonly traceId: string
  readonly #options: TraceObserverOptions
  readonly #span: Span
  readonly #context: Context
  #inference: ObservedInference | undefined

  constructor(options: TraceObserverOptions, { method, route, trace: caller }: RequestFacts) {
    const parent = contextOf(caller)
    this.#options = options
    this.#span = options.tracer.startSpan(`${method} ${route}`, { kind: SpanKind.SERVER, attributes: { 'http.request.method': method, 'http.route': route } }, parent)
    this.#context = trace.setSpan(parent, this.#span)
    this.traceId = this.#span.spanContext().traceId
  }

  inferenceBegan(inference: ObservedInference): void {
    this.#inference = inference
    this.#span.setAttributes({
      'switch.operation': operationOf(inference),
      'switch.requested_model': inference.model ?? 'default',
      ...(this.#options.hasContent && attributesOfInput(inference))
    })
  }

  attemptBegan(attempt: Readonly<Attempt>): AttemptObserver {
    const { tracer, providerOf } = this.#options
    return new AttemptTrace({ tracer, request: this.#span, parent: this.#context, inference: this.#inference!, provider: providerOf(attempt.backend), attempt })
  }

  answered(answer: ObservedAnswer): void {
    const { inferenceId, source, model, isDegraded } = answer
    this.#span.setAttributes({
      'switch.inference_id': inferenceId, 'switch.source': source, 'switch.model': model, 'switch.degraded': isDegraded,
      ...(this.#options.hasContent && attributesOfOutput(answer))
    })
  }

  failed({ code, status }: SwitchError): void {
    this.#span.setAttribute('error.type', code)
    // Of a server, only its own failures are errors.
    if (status >= 500) this.#span.setStatus({ code: SpanStatusCode.ERROR, message: code })
  }

  ended({ status, isCallerGone }: RequestEnd): void {
    if (status !== null) this.#span.setAttribute('http.response.status_code', status)
    if (isCallerGone) this.#span.setAttribute('switch.caller_gone', true)
    this.#span.end()
  }
}
