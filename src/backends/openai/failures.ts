// The errors of one backend: each says who spoke, none shows the API key.
import { BackendError } from '../../inference/failure.ts'
import type { BackendErrorOptions, FailureReason } from '../../inference/failure.ts'
import { reasonOf } from './provider-error.ts'
import type { ProviderError } from './provider-error.ts'
import { transportCode, transportReason } from './transport-failure.ts'

const maxMessage = 500

export class Failures {
  readonly #backend: string
  readonly #apiKey: string | undefined
  readonly #notFoundAdvice: string | undefined

  /** @param notFoundAdvice of a route beside chat: what to do when it, or its model, is not there, which says nothing of the model that answers */
  constructor(backend: string, apiKey: string | undefined, notFoundAdvice?: string) {
    this.#backend = backend
    this.#apiKey = apiKey
    this.#notFoundAdvice = notFoundAdvice
  }

  /** @param what goes on after the backend's name: 'sent no answer.' */
  of(reason: FailureReason, what: string, options: BackendErrorOptions = {}): BackendError {
    return new BackendError(this.#backend, reason, `${this.#backend} ${what}`, options)
  }

  /** What the server itself reported. */
  provider(error: ProviderError, retryAfterSeconds?: number): BackendError {
    const { status, facts } = error
    const own = this.#presentable(error.message)
    const said = status === undefined ? 'reported an error' : `answered ${status}`
    const what = own ? `${said}: ${own}` : `${said}.`
    const reason = reasonOf(error)
    if (reason === 'model_not_found' && this.#notFoundAdvice) return this.of('rejected', `${what} ${this.#notFoundAdvice}`)
    return this.of(reason, what, { status, retryAfterSeconds, facts })
  }

  /** @param hasBytes true when the body of an answer had begun */
  transport(cause: unknown, hasBytes: boolean): BackendError {
    const code = transportCode(cause)
    const what = hasBytes ? `broke off in the middle of its answer (${code}).` : `could not be reached (${code}).`
    return this.of(transportReason(cause, hasBytes), what, { cause })
  }

  /** One line without the key, nor what looks like one: OpenAI's 401 quotes a part of it. */
  #presentable(message: string): string {
    const withoutKey = this.#apiKey ? message.replaceAll(this.#apiKey, '[key]') : message
    const line = withoutKey.replaceAll(/\bsk-[\w*.-]{4,}[\w*-]/g, '[key]').replaceAll(/[\s\p{Cc}]+/gu, ' ').trim()
    const short = line.length > maxMessage ? `${line.slice(0, maxMessage - 2)}…` : line
    return short === '' || /[.)]$/.test(short) ? short : `${short.slice(0, maxMessage - 1)}.`
  }
}
