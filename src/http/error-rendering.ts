// Turns whatever went wrong into the JSON error of the catalogue.
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify'
import { SwitchError } from '../inference/errors.ts'
import type { ErrorCode } from '../inference/errors.ts'
import { CallerGone } from '../inference/failure.ts'
import type { Log } from '../observability/log.ts'
import { addOpenAiHeaders, isOpenAiPath, openAiError, openAiStatus } from './openai-error.ts'
import { newRequestId } from './request-id.ts'

/** The body of an error, the same in a JSON reply and in an error event of a stream. */
export type ErrorBody = { error: string, code: ErrorCode, request_id: string } & SwitchError['body']

const methods: HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']

export function errorBody(error: SwitchError, requestId: string): ErrorBody {
  return { error: error.message, code: error.code, request_id: requestId, ...error.body }
}

/** Renders errors of handlers, unknown paths and wrong methods. */
export function addErrorRendering(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError | Error, request, reply) => sendError(toSwitchError(error, request.routeOptions.bodyLimit), request, reply))
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0]!
    const allowed = methods.filter((method) => app.hasRoute({ method, url: path }))
    if (allowed.length === 0) return sendError(new SwitchError('SWITCH_HTTP_NOT_FOUND', `There is nothing at ${request.method} ${path}. The README lists the routes; POST /switch/infer is the one to ask a model.`), request, reply)
    reply.header('Allow', allowed.join(', '))
    return sendError(new SwitchError('SWITCH_HTTP_METHOD_NOT_ALLOWED', `${path} takes ${allowed.join(', ')}, not ${request.method}.`), request, reply)
  })
}

function sendError(error: SwitchError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  noteError(request, error)
  if (error.retryAfterSeconds !== undefined) reply.header('Retry-After', String(Math.ceil(error.retryAfterSeconds)))
  if (!isOpenAiPath(request.url)) return reply.code(error.status).send(errorBody(error, request.id))
  addOpenAiHeaders(error, reply)
  return reply.code(openAiStatus(error)).send(openAiError(error, request.id))
}

/** Puts the error and, where it is not the caller's own, its cause into the request's log line. */
export function noteError(request: FastifyRequest, error: SwitchError): void {
  if (error.cause instanceof Error && isCallerGone(error.cause)) return
  request.logFacts['code'] = error.code
  request.observer?.failed(error)
  if (error.status >= 500) request.logFacts['err'] = error.cause instanceof Error ? error.cause : error
}

/** The catalogue's error for anything that was thrown. @param bodyLimit bytes that the route takes */
export function toSwitchError(error: FastifyError | Error, bodyLimit = 0): SwitchError {
  if (error instanceof SwitchError) return error
  if (isCallerGone(error)) return new SwitchError('SWITCH_HTTP_REQUEST_TIMEOUT', 'The request did not arrive whole.', { cause: error })
  switch ((error as FastifyError).code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new SwitchError('SWITCH_BODY_TOO_LARGE', `The body is larger than ${bodyLimit / 1024 ** 2} MiB. Send less in one request.`, { cause: error })
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
    case 'FST_ERR_CTP_EMPTY_TYPE':
      return new SwitchError('SWITCH_BODY_NOT_JSON', 'The body must be JSON. Send it with Content-Type: application/json.', { cause: error })
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return invalidBody('The body is shorter or longer than its Content-Length says.', error)
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return invalidBody(`The body is not valid JSON${error.cause instanceof Error ? `: ${error.cause.message}` : ''}.`, error)
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      return invalidBody('The body is empty. Send a JSON object, for example {"prompt": "Hello"}.', error)
    case 'FST_ERR_BAD_URL':
      return invalidBody('The path is not a valid URL.', error)
  }
  if (error instanceof SyntaxError) return invalidBody(`The body is not valid JSON: ${error.message}.`, error)
  return new SwitchError('SWITCH_INTERNAL_ERROR', 'Something went wrong inside Switch. The log has the cause under the request id.', { cause: error })
}

/** The caller left: while we worked, or in the middle of the body. */
function isCallerGone(error: FastifyError | Error): boolean {
  return error instanceof CallerGone || (error as NodeJS.ErrnoException).code === 'ECONNRESET'
}

function invalidBody(message: string, cause: Error): SwitchError {
  return new SwitchError('SWITCH_REQUEST_INVALID', message, { body: { details: [{ path: 'body', reason: message }] }, cause })
}

/** Answers what Fastify refuses before any hook has run: a path that is no URL. */
export function answerBadUrl(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  request.logFacts = {}
  reply.header('X-Request-Id', request.id).header('X-Correlation-Id', request.id)
  void sendError(toSwitchError(error), request, reply)
  request.log.info({ method: request.method, status: reply.statusCode, ...request.logFacts }, 'request')
}

/** Answers what is no HTTP request at all, on the bare socket. */
export function answerBrokenRequest(error: Error & { code?: string }, socket: Socket, log: Log): void {
  if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy()
  const known = brokenRequestError(error)
  const id = newRequestId()
  const body = JSON.stringify(errorBody(known, id))
  log.info({ reqId: id, status: known.status, code: known.code }, 'broken request')
  socket.end(`HTTP/1.1 ${known.status} ${STATUS_CODES[known.status]}\r\nContent-Type: application/json; charset=utf-8\r\nX-Request-Id: ${id}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`)
}

function brokenRequestError({ code }: { code?: string }): SwitchError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new SwitchError('SWITCH_HTTP_REQUEST_TIMEOUT', 'The request did not arrive in time. Send it in one go.')
  if (code === 'HPE_HEADER_OVERFLOW') return new SwitchError('SWITCH_HTTP_HEADERS_TOO_LARGE', 'The headers are larger than 16 KiB.')
  return new SwitchError('SWITCH_REQUEST_INVALID', 'This is not a valid HTTP request.')
}
