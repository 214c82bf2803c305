// The catalogue's errors in OpenAI's envelope, for every route below /v1.
import type { FastifyReply } from 'fastify'
import type { ErrorCode, SwitchError } from '../inference/errors.ts'
import { BackendError } from '../inference/failure.ts'

/** OpenAI's four keys, and ours: clients of OpenAI let further ones pass. */
export type OpenAiError = {
  error: {
    message: string
    type: string
    /** The field at fault, as OpenAI writes it: `messages[0].role`. */
    param: string | null
    code: string | null
    switch_code: ErrorCode
    request_id: string
  }
}

type Kind = readonly [type: string, code: string | null]

const kinds: Readonly<Record<ErrorCode, Kind>> = {
  SWITCH_REQUEST_INVALID: ['invalid_request_error', 'invalid_value'],
  SWITCH_REQUEST_UNSUPPORTED: ['invalid_request_error', 'unsupported_parameter'],
  SWITCH_REQUEST_CONTEXT_EXCEEDED: ['invalid_request_error', 'context_length_exceeded'],
  SWITCH_REQUEST_REJECTED: ['invalid_request_error', null],
  SWITCH_CONTENT_FILTERED: ['invalid_request_error', 'content_filter'],
  SWITCH_ROUTE_UNKNOWN: ['invalid_request_error', 'model_not_found'],
  SWITCH_MODEL_UNKNOWN: ['invalid_request_error', 'model_not_found'],
  SWITCH_PREVIOUS_RESPONSE_UNKNOWN: ['invalid_request_error', 'previous_response_not_found'],
  SWITCH_RESPONSE_NOT_FOUND: ['invalid_request_error', 'not_found'],
  SWITCH_AUTH_REQUIRED: ['invalid_request_error', 'invalid_api_key'],
  SWITCH_HTTP_NOT_FOUND: ['invalid_request_error', 'unknown_url'],
  SWITCH_HTTP_METHOD_NOT_ALLOWED: ['invalid_request_error', 'method_not_supported'],
  SWITCH_HTTP_REQUEST_TIMEOUT: ['invalid_request_error', 'request_timeout'],
  SWITCH_BODY_TOO_LARGE: ['invalid_request_error', 'request_too_large'],
  SWITCH_BODY_NOT_JSON: ['invalid_request_error', 'unsupported_media_type'],
  SWITCH_QUEUE_FULL: ['rate_limit_error', 'rate_limit_exceeded'],
  SWITCH_HTTP_HEADERS_TOO_LARGE: ['invalid_request_error', 'headers_too_large'],
  SWITCH_INTERNAL_ERROR: ['server_error', 'internal_error'],
  SWITCH_ROUTE_UNAVAILABLE: ['service_unavailable_error', 'service_unavailable'],
  SWITCH_DEADLINE_EXCEEDED: ['service_unavailable_error', 'timeout'],
  SWITCH_STREAM_INTERRUPTED: ['service_unavailable_error', 'stream_interrupted'],
  SWITCH_DOWNLOAD_FORBIDDEN: ['invalid_request_error', 'download_forbidden'],
  SWITCH_DOWNLOAD_NOT_FOUND: ['invalid_request_error', 'download_not_found'],
  SWITCH_DOWNLOAD_NAME_TAKEN: ['invalid_request_error', 'download_name_taken'],
  SWITCH_DOWNLOAD_FAILED: ['service_unavailable_error', 'download_failed'],
  SWITCH_DOWNLOAD_DAMAGED: ['service_unavailable_error', 'download_damaged'],
  SWITCH_DOWNLOAD_FOLDER_UNUSABLE: ['service_unavailable_error', 'download_folder_unusable'],
  SWITCH_DOWNLOAD_NO_SPACE: ['service_unavailable_error', 'download_no_space'],
  SWITCH_MODEL_NOT_FOUND: ['invalid_request_error', 'model_not_found'],
  SWITCH_MODEL_BUSY: ['invalid_request_error', 'model_busy'],
  SWITCH_MODEL_TOO_LARGE: ['invalid_request_error', 'model_too_large'],
  SWITCH_MODEL_LOAD_FAILED: ['service_unavailable_error', 'model_load_failed'],
  SWITCH_SERVER_CLOSING: ['service_unavailable_error', 'server_closing']
}

/** True where errors have OpenAI's form. */
export function isOpenAiPath(url: string): boolean {
  return /^\/v1(\/|\?|$)/.test(url)
}

/** The status is the catalogue's, but an unknown model is 404 with OpenAI. */
export function openAiStatus({ code, status }: SwitchError): number {
  return code === 'SWITCH_ROUTE_UNKNOWN' ? 404 : status
}

export function openAiError(error: SwitchError, requestId: string): OpenAiError {
  const [type, code] = kinds[error.code]
  return { error: { message: messageOf(error), type, param: paramOf(error), code, switch_code: error.code, request_id: requestId } }
}

/** Every backend was tried already: a client that tried again by itself would only multiply the load, unless a time is known. */
export function addOpenAiHeaders(error: SwitchError, reply: FastifyReply): void {
  if ((error.status >= 500 || error.status === 429) && error.retryAfterSeconds === undefined) reply.header('X-Should-Retry', 'false')
}

function paramOf({ body: { details = [] } }: SwitchError): string | null {
  const path = details[0]?.path
  return path === undefined || path === 'body' ? null : path.replaceAll(/\.(\d+)(?=\.|$)/g, '[$1]')
}

/** Tools look for OpenAI's words to know that they must shorten the conversation. */
function messageOf({ code, message, cause }: SwitchError): string {
  if (code !== 'SWITCH_REQUEST_CONTEXT_EXCEEDED') return message
  const { context_length: limit, prompt_tokens: tokens } = cause instanceof BackendError ? cause.facts : {}
  if (limit === undefined) return `This model's maximum context length is exceeded: ${message}`
  const resulted = tokens === undefined ? '' : ` However, your messages resulted in ${tokens} tokens.`
  return `This model's maximum context length is ${limit} tokens.${resulted} Please reduce the length of the messages. (${message})`
}
