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

/**
 * Leaves out of `events` the text that is already there.
 * @throws BackendError `diverged` as soon as the new text differs from it
 */
export async function* splice(events: AsyncIterable<InferenceEvent>, textSoFar: string, backend: string): AsyncGenerator<InferenceEvent, void> {
  let seen = ''
  for await (const event of events) {
    const isBehind = seen.length < textSoFar.length
    if (event.type === 'text' && isBehind) {
      seen += event.text
      if (seen.slice(0, textSoFar.length) !== textSoFar.slice(0, seen.length)) throw diverged(backend)
      if (seen.length > textSoFar.length) yield { type: 'text', text: seen.slice(textSoFar.length) }
    } else if (isBehind && (event.type === 'finish' || event.type === 'tool-call')) throw diverged(backend)
    else yield event
  }
}

function diverged(backend: string): BackendError {
  return new BackendError(backend, 'diverged', `${backend} began a different answer than the one that is already there`)
}
