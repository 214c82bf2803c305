// The catalogue of errors that callers of Switch meet: code, status and a sentence that says what to do.
import type { Attempt } from './receipt.ts'

/** Code to HTTP status. The code is SWITCH_AREA_REASON and never changes once released. */
export const errorStatus = {
  SWITCH_REQUEST_INVALID: 400,
  SWITCH_REQUEST_UNSUPPORTED: 400,
  SWITCH_REQUEST_CONTEXT_EXCEEDED: 400,
  SWITCH_REQUEST_REJECTED: 400,
  SWITCH_CONTENT_FILTERED: 400,
  SWITCH_ROUTE_UNKNOWN: 400,
  SWITCH_MODEL_UNKNOWN: 400,
  SWITCH_PREVIOUS_RESPONSE_UNKNOWN: 400,
  SWITCH_AUTH_REQUIRED: 401,
  SWITCH_DOWNLOAD_FORBIDDEN: 403,
  SWITCH_HTTP_NOT_FOUND: 404,
  SWITCH_RESPONSE_NOT_FOUND: 404,
  SWITCH_DOWNLOAD_NOT_FOUND: 404,
  SWITCH_MODEL_NOT_FOUND: 404,
  SWITCH_HTTP_METHOD_NOT_ALLOWED: 405,
  SWITCH_HTTP_REQUEST_TIMEOUT: 408,
  SWITCH_MODEL_BUSY: 409,
  SWITCH_MODEL_TOO_LARGE: 409,
  SWITCH_DOWNLOAD_NAME_TAKEN: 409,
  SWITCH_BODY_TOO_LARGE: 413,
  SWITCH_BODY_NOT_JSON: 415,
  SWITCH_QUEUE_FULL: 429,
  SWITCH_HTTP_HEADERS_TOO_LARGE: 431,
  SWITCH_INTERNAL_ERROR: 500,
  SWITCH_DOWNLOAD_FAILED: 502,
  SWITCH_DOWNLOAD_DAMAGED: 502,
  SWITCH_ROUTE_UNAVAILABLE: 503,
  SWITCH_DEADLINE_EXCEEDED: 503,
  SWITCH_STREAM_INTERRUPTED: 503,
  SWITCH_MODEL_LOAD_FAILED: 503,
  SWITCH_DOWNLOAD_FOLDER_UNUSABLE: 503,
  SWITCH_SERVER_CLOSING: 503,
  SWITCH_DOWNLOAD_NO_SPACE: 507
} as const

export type ErrorCode = keyof typeof errorStatus

/** One thing wrong with the body: where (`max_tokens`, `messages.0.role`) and what. */
export type ErrorDetail = { path: string, reason: string }

export type ErrorFields = {
  /** Seconds for the Retry-After header, when known. */
  retryAfterSeconds?: number | undefined
  /** Further fields of the JSON body. */
  body?: {
    details?: ErrorDetail[]
    detail?: string
    model?: string
    fallback?: string
    source?: 'degraded' | 'degraded_fallback'
    attempts?: readonly Attempt[]
  }
  cause?: unknown
}

/** An error that a caller may see. Its message is for them; the cause is for the log. */
export class SwitchError extends Error {
  readonly code: ErrorCode
  readonly retryAfterSeconds: number | undefined
  readonly body: NonNullable<ErrorFields['body']>

  constructor(code: ErrorCode, message: string, fields: ErrorFields = {}) {
    super(message, { cause: fields.cause })
    this.name = 'SwitchError'
    this.code = code
    this.retryAfterSeconds = fields.retryAfterSeconds
    this.body = fields.body ?? {}
  }

  get status(): number {
    return errorStatus[this.code]
  }
}
