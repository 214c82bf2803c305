// Whether a complete answer is the JSON that was asked for.
import { BackendError } from './failure.ts'
import type { InferenceRequest } from './request.ts'

/** @throws BackendError invalid_answer that says what is wrong with it */
export async function checkAnswer(backend: string, text: string, { responseFormat }: InferenceRequest): Promise<void> {
  if (responseFormat === undefined) return
  // The validator is loaded with the first request that needs it.
  const { parseAndValidate } = await import('./json-schema/validation.ts')
  const problem = parseAndValidate(text, responseFormat)
  if (problem !== undefined) throw new BackendError(backend, 'invalid_answer', `${backend} did not answer with the JSON that was asked for: ${problem}`)
}
