// The trace that a request belongs to, in the two headers of W3C Trace Context.

export type TraceContext = {
  /** version-traceid-spanid-flags in lower-case hexadecimal digits. */
  readonly traceparent: string
  /** What other systems keep of the trace, handed on as it came. */
  readonly tracestate?: string
}

const traceparentForm = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$/
/** Longer ones may be dropped, says the standard. */
const longestTracestate = 512

/** The trace that these headers name; undefined when they name none, or not in the standard's form. */
export function traceOf(headers: Readonly<Record<string, string | string[] | undefined>>): TraceContext | undefined {
  const { traceparent, tracestate } = headers
  if (typeof traceparent !== 'string' || !isTraceparent(traceparent)) return undefined
  return { traceparent, ...(typeof tracestate === 'string' && tracestate.length <= longestTracestate && { tracestate }) }
}

/** Headers for a request that belongs to the trace, as names and values in turn. */
export function traceHeaders({ traceparent, tracestate }: TraceContext): string[] {
  return tracestate === undefined ? ['traceparent', traceparent] : ['traceparent', traceparent, 'tracestate', tracestate]
}

/** The request as a part of the trace; itself where there is none. */
export function inTrace<Request extends { readonly trace?: TraceContext }>(request: Request, trace: TraceContext | undefined): Request {
  return trace === undefined ? request : { ...request, trace }
}

/** Version 00 ends with the flags; later versions may go on. */
function isTraceparent(value: string): boolean {
  return value.length <= 128 && traceparentForm.test(value) && (!value.startsWith('00') || value.length === 55)
}
