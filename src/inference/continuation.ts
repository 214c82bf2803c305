// Goes on with an answer that another backend began, so that no word is lost and none comes twice.
import { BackendError } from './failure.ts'
import type { InferenceEvent, InferenceRequest } from './request.ts'

/** How the next backend is asked when text is already there. */
export type ContinuationMode =
  /** Nothing is there yet. */
  | 'begin'
  /** The backend goes on after the exact text. */
  | 'prefill'
  /** The backend begins anew, and its text counts only where it agrees with what is there. */
  | 'splice'
  /** The backend begins anew, and what was there is thrown away: the caller has not seen it. */
  | 'replace'

export function continuationMode(textSoFar: string, hasPrefill: boolean, isShown: boolean): ContinuationMode {
  if (textSoFar === '') return 'begin'
  if (hasPrefill) return 'prefill'
  return isShown ? 'splice' : 'replace'
}

/** The request as a backend in `mode` gets it. */
export function continuedRequest(request: InferenceRequest, textSoFar: string, mode: ContinuationMode): InferenceRequest {
  return mode === 'prefill' ? { ...request, prefill: textSoFar } : request
}

/** Leaves out of a restarted answer the text that is already there. */
export class Splice {
  readonly #backend: string
  readonly #textSoFar: string
  #seen = ''

  constructor(backend: string, textSoFar: string) {
    this.#backend = backend
    this.#textSoFar = textSoFar
  }

  /**
   * What is new in `event`; undefined when nothing is.
   * @throws BackendError `diverged` as soon as the new text differs from what is there
   */
  accept(event: InferenceEvent): InferenceEvent | undefined {
    if (this.#seen.length >= this.#textSoFar.length) return event
    if (event.type === 'finish' || event.type === 'tool-call') throw diverged(this.#backend)
    if (event.type !== 'text') return event
    this.#seen += event.text
    if (this.#seen.slice(0, this.#textSoFar.length) !== this.#textSoFar.slice(0, this.#seen.length)) throw diverged(this.#backend)
    return this.#seen.length > this.#textSoFar.length ? { type: 'text', text: this.#seen.slice(this.#textSoFar.length) } : undefined
  }
}

function diverged(backend: string): BackendError {
  return new BackendError(backend, 'diverged', `${backend} began a different answer than the one that is already there`)
}
