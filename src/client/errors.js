// The errors that a caller meets, one class for each thing it may do about them.

export class SwitchError extends Error {
  /**
   * @param {string} message
   * @param {import('./client.d.ts').ErrorFields} [fields]
   */
  constructor(message, { status = 503, body, retryAfterMs, code, cause } = {}) {
    super(message, { cause })
    this.name = new.target.name
    this.status = status
    this.code = body?.code ?? code ?? 'SWITCH_CLIENT_ERROR'
    this.requestId = body?.request_id
    this.details = body?.details ?? []
    this.body = body
    this.retryAfterMs = retryAfterMs
  }
}

export class SwitchRequestError extends SwitchError {}
export class SwitchBusyError extends SwitchError {}
export class SwitchUnavailableError extends SwitchError {}
export class SwitchConnectionError extends SwitchUnavailableError {}
export class SwitchTimeoutError extends SwitchError {}
export class SwitchStreamError extends SwitchError {}

/**
 * The error that a reply of `status` stands for.
 * @param {number} status
 * @param {import('./client.d.ts').ErrorBody | undefined} body
 * @param {number} [retryAfterMs]
 */
export function errorFrom(status, body, retryAfterMs) {
  const message = body?.error ?? `What answered with ${status} is not Switch. Check the url of the client.`
  const fields = { status, body, retryAfterMs, code: 'SWITCH_CLIENT_NOT_SWITCH' }
  if (body?.code === 'SWITCH_DEADLINE_EXCEEDED') return new SwitchTimeoutError(message, fields)
  if (status === 429) return new SwitchBusyError(message, fields)
  if (status >= 502 && status <= 504) return new SwitchUnavailableError(message, fields)
  return status >= 400 && status < 500 ? new SwitchRequestError(message, fields) : new SwitchError(message, fields)
}
