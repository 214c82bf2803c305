// The body of a reply with an error status.
import type { IncomingHttpHeaders } from 'node:http'
import type { BodyReader } from './body-reader.ts'
import type { Failures } from './failures.ts'
import { errorOfReply } from './provider-error.ts'
import { retryAfterSeconds } from './retry-after.ts'

const maxBytes = 64 * 1024

/** The status alone says enough to go on with; its explanation is not worth a longer wait. */
const patienceMs = 1000

export class ErrorReader implements BodyReader {
  readonly #failures: Failures
  readonly #status: number
  readonly #headers: IncomingHttpHeaders
  readonly #parts: Buffer[] = []
  #bytes = 0

  constructor(failures: Failures, status: number, headers: IncomingHttpHeaders) {
    this.#failures = failures
    this.#status = status
    this.#headers = headers
  }

  get patienceMs(): number {
    return this.#bytes >= maxBytes ? 0 : patienceMs
  }

  read(bytes: Buffer): void {
    const part = bytes.subarray(0, maxBytes - this.#bytes)
    this.#bytes += part.length
    this.#parts.push(part)
  }

  end(): never {
    const isPlain = (this.#headers['content-encoding'] ?? 'identity') === 'identity'
    const body = isPlain ? Buffer.concat(this.#parts).toString() : ''
    throw this.#failures.provider(errorOfReply(this.#status, body), retryAfterSeconds(this.#headers))
  }
}
