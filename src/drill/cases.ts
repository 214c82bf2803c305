// The faults that a drill injects, and what a good gateway makes of each.
import type { Fault, FaultStep } from './fake-upstream/faults.ts'

/** What the caller must get. */
export type Expectation =
  /** The upstream's own answer, whole. */
  | { readonly answer: 'upstream' }
  /** A whole answer of the next backend. */
  | { readonly answer: 'next' }
  /** The upstream's words so far and then the next backend's, nothing lost, nothing twice. */
  | { readonly answer: 'continued' }
  /** A whole answer of a backend whose context is larger than the one that was too small, else a 400 that says so. */
  | { readonly answer: 'larger-context' }
  /** A 400 with this code, and nobody else asked. */
  | { readonly answer: 'refused', readonly code: string }

export type DrillCase = {
  /** A short name, unique. */
  readonly name: string
  readonly fault: FaultStep
  readonly expected: Expectation
  /** How often the upstream may be asked. */
  readonly mostAsked: number
  /** True: the upstream would go on for ever, so its connection must be closed. */
  readonly hangs: boolean
}

/** Words of sixty after which faults in mid-stream happen. */
export const wordsBeforeFault = 40

const upstream: Expectation = { answer: 'upstream' }
const next: Expectation = { answer: 'next' }
const continued: Expectation = { answer: 'continued' }

const hanging: ReadonlySet<Fault> = new Set(['silence', 'headers-only', 'heartbeats-only', 'stall', 'endless-headers', 'giant-event'])

const entry = (name: string, fault: Fault, expected: Expectation, mostAsked: number, rest: Partial<FaultStep> = {}): DrillCase => ({ name, fault: { fault, words: wordsBeforeFault, ...rest }, expected, mostAsked, hangs: hanging.has(fault) })

export const drillCases: readonly DrillCase[] = [
  entry('connection refused', 'refused', next, 0),
  entry('connection reset before any byte', 'reset', next, 2),
  entry('500 once, then well', 'status-500', upstream, 2, { times: 1 }),
  entry('500', 'status-500', next, 2),
  entry('503', 'status-503', next, 2),
  entry('502', 'status-502', next, 2),
  entry('504', 'status-504', next, 2),
  entry('529 overloaded', 'status-529', next, 2),
  entry('429 with Retry-After that fits', 'rate-limited-retry-after', upstream, 2, { times: 1, retryAfterSeconds: 1 }),
  entry('429 with Retry-After too long', 'rate-limited-retry-after', next, 1, { retryAfterSeconds: 60 }),
  entry('429 without Retry-After', 'rate-limited', next, 2),
  entry('401 key refused', 'unauthorized', next, 1),
  entry('402 no credit', 'payment-required', next, 1),
  entry('403 forbidden', 'forbidden', next, 1),
  entry('404 model gone', 'model-not-found', next, 1),
  entry('quota exhausted', 'insufficient-quota', next, 1),
  entry('no headers', 'silence', next, 1),
  entry('headers but no token', 'headers-only', next, 1),
  entry('heartbeats only', 'heartbeats-only', next, 1),
  entry('endless headers', 'endless-headers', next, 2),
  entry('redirect elsewhere', 'redirect', next, 1),
  entry('broken gzip', 'broken-gzip', next, 1),
  entry('wrong content length', 'wrong-content-length', continued, 1),
  entry('stall in mid-stream', 'stall', continued, 1),
  entry('cut in mid-stream', 'cut', continued, 1),
  entry('end without a finish reason', 'no-finish', continued, 1),
  entry('error event in mid-stream', 'error-event', continued, 1),
  entry('giant event in mid-stream', 'giant-event', continued, 1),
  entry('one malformed event', 'malformed-event', upstream, 1),
  entry('no [DONE]', 'no-done', upstream, 1),
  entry('two [DONE]', 'duplicate-done', upstream, 1),
  entry('usage after [DONE]', 'late-usage', upstream, 1),
  entry('absurd usage', 'absurd-usage', upstream, 1),
  entry('no usage', 'no-usage', upstream, 1),
  entry('slow first token', 'slow-first-token', upstream, 1),
  entry('whole JSON instead of a stream', 'whole-json', upstream, 1),
  entry('bytes split anywhere', 'split-bytes', upstream, 1),
  entry('empty answer', 'empty-answer', next, 1),
  entry('HTML instead of JSON', 'html', next, 1),
  entry('error inside a 200', 'error-in-200', next, 2),
  entry('context length exceeded', 'context-length-exceeded', { answer: 'larger-context' }, 1),
  entry('content filter', 'content-filter', { answer: 'refused', code: 'SWITCH_CONTENT_FILTERED' }, 1),
  entry('content filter at the end', 'content-filter-finish', { answer: 'refused', code: 'SWITCH_CONTENT_FILTERED' }, 1),
  entry('422', 'unprocessable', { answer: 'refused', code: 'SWITCH_REQUEST_REJECTED' }, 1),
  entry('another 4xx', 'bad-request', { answer: 'refused', code: 'SWITCH_REQUEST_REJECTED' }, 1)
]
