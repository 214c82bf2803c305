// Between the two forms of a place in a trace: headers of W3C Trace Context, and OpenTelemetry's contexts.
import { ROOT_CONTEXT, createTraceState, trace } from '@opentelemetry/api'
import type { Context, Span } from '@opentelemetry/api'
import type { TraceContext } from '../../inference/trace-context.ts'

/** The context of a caller's span. @param caller as `traceOf` gives it */
export function contextOf(caller: TraceContext | undefined): Context {
  if (caller === undefined) return ROOT_CONTEXT
  const [, traceId, spanId, flags] = caller.traceparent.split('-') as [string, string, string, string]
  const traceState = caller.tracestate === undefined ? {} : { traceState: createTraceState(caller.tracestate) }
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true, ...traceState })
}

/** What a request on behalf of the span carries. */
export function headersOf(span: Span): TraceContext {
  const { traceId, spanId, traceFlags, traceState } = span.spanContext()
  const tracestate = traceState?.serialize()
  return { traceparent: `00-${traceId}-${spanId}-0${traceFlags & 1}`, ...(tracestate && { tracestate }) }
}
