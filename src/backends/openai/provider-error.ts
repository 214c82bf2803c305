// The error that a server reports, in whatever shape, and what it means.
import type { FailureReason } from '../../inference/failure.ts'
import { isWire, parseWire } from './wire.ts'
import type { Wire } from './wire.ts'

export type ProviderError = {
  /** HTTP status: of the reply, or the numeric code in a stream that began with 200. */
  readonly status: number | undefined
  readonly code: string
  readonly type: string
  readonly message: string
  /** Token counts where the server gives them. */
  readonly facts: Record<string, number>
}

/** The error in a body or event that began as an answer; undefined when there is none. */
export function errorIn(wire: Wire): ProviderError | undefined {
  const { error } = wire
  if (isWire(error) || (typeof error === 'string' && error !== '')) return describe(wire, undefined)
  return wire['object'] === 'error' || typeof wire['error_message'] === 'string' ? describe(wire, undefined) : undefined
}

/** The error of a reply with an error status; the body may be anything. */
export function errorOfReply(status: number, body: string): ProviderError {
  const wire = parseWire(body)
  if (wire) return describe(wire, status)
  const message = /^\s*</.test(body) ? '' : body.trim()
  return { status, code: '', type: '', message, facts: {} }
}

/** The event that a server named `error`, whatever is in it. */
export function errorOfEvent(data: string): ProviderError {
  const wire = parseWire(data)
  return wire ? describe(wire, undefined) : { status: undefined, code: '', type: '', message: data, facts: {} }
}

function describe(wire: Wire, status: number | undefined): ProviderError {
  const error = isWire(wire['error']) ? wire['error'] : wire
  const code = scalar(error['code']) || innerCode(error)
  const message = [wire['error'], error['message'], wire['message'], wire['error_message'], wire['detail']].map(text).find((words) => words !== '') ?? ''
  return {
    status: status ?? (/^[45]\d\d$/.test(code) ? Number(code) : undefined),
    code, type: scalar(error['type']) || scalar(wire['error_type']), message, facts: tokenCounts(error, message)
  }
}

/** Azure hides the reason one level down. */
function innerCode(error: Wire): string {
  return isWire(error['innererror']) ? scalar(error['innererror']['code']) : ''
}

function scalar(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

/** FastAPI's detail is a list of what is wrong. */
function text(value: unknown): string {
  return typeof value === 'string' ? value : Array.isArray(value) ? JSON.stringify(value) : ''
}

/** llama-server says them in fields, the others in a sentence. */
function tokenCounts(error: Wire, message: string): Record<string, number> {
  const limit = error['n_ctx'] ?? /maximum context length (?:is|of) (\d+)/i.exec(message)?.[1]
  const prompt = error['n_prompt_tokens'] ?? /(?:resulted in|requested(?: about)?|contains(?: at least)?) (\d+)/i.exec(message)?.[1]
  const facts: Record<string, number> = {}
  if (Number.isSafeInteger(Number(limit ?? NaN))) facts['context_length'] = Number(limit)
  if (Number.isSafeInteger(Number(prompt ?? NaN))) facts['prompt_tokens'] = Number(prompt)
  return facts
}

const byCode: [reason: FailureReason, codes: RegExp][] = [
  ['context_length_exceeded', /^(context_length_exceeded|exceed_context_size_error|string_above_max_length|request_too_large)$/],
  ['content_filtered', /^(content_filter|content_policy_violation|ResponsibleAIPolicyViolation|content_filtered)$/],
  ['quota_exhausted', /^(insufficient_quota|credit_balance_exhausted|(organization|project)_spend_limit_exceeded|organization_usage_limit_exceeded|billing_hard_limit_reached|insufficient_balance)$/]
]

const byMessage = /maximum context length|context (length|size|window).{0,40}(exceed|too (small|long))|exceeds? (the )?(available |model's |maximum )?context|prompt is too long|too many tokens|input is too long/i

const byStatus = new Map<number, FailureReason>([
  [401, 'unauthorized'], [403, 'unauthorized'], [402, 'quota_exhausted'], [404, 'model_not_found'], [429, 'rate_limited'], [408, 'server_error'],
  // Too much text for this server, though perhaps not for the next.
  [413, 'context_length_exceeded']
])

/** In a stream only words tell; they are read where there is no status. */
const byWord: [reason: FailureReason, words: RegExp][] = [
  ['unauthorized', /authentication|permission|invalid_api_key/], ['model_not_found', /not_found/], ['rate_limited', /rate_limit|slow_down/],
  ['rejected', /^(invalid_request_error|bad_request)/]
]

export function reasonOf(error: ProviderError): FailureReason {
  const { status, code, type, message } = error
  const named = byCode.find(([, codes]) => codes.test(code) || codes.test(type))
  if (named) return named[0]
  if (code === 'model_not_found') return 'model_not_found'
  if ((status === undefined || status === 400 || status === 422) && byMessage.test(message)) return 'context_length_exceeded'
  if (status === undefined) return byWord.find(([, words]) => words.test(code) || words.test(type))?.[0] ?? 'server_error'
  return byStatus.get(status) ?? (status >= 500 ? 'server_error' : status >= 400 ? 'rejected' : 'protocol')
}
