// The id of a request: the caller's own, or a new one.
import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

const accepted = /^[\w.:@/+=-]{1,128}$/

/** The id that the caller sent, when it is one that a log can hold, else a new one. */
export function requestId(request: IncomingMessage): string {
  const sent = request.headers['x-correlation-id'] ?? request.headers['x-request-id']
  return typeof sent === 'string' && accepted.test(sent) ? sent : newRequestId()
}

/** "req_" and 32 hexadecimal digits. */
export function newRequestId(): string {
  return `req_${randomUUID().replaceAll('-', '')}`
}
