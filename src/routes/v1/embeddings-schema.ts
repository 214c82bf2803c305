// The body of POST /v1/embeddings and what it means in the terms of the inference.
import { z } from 'zod'
import type { EmbeddingRequest } from '../../inference/embedding.ts'
import { integer, orNull, promptText } from '../body/fields.ts'
import { present } from '../body/present.ts'

const mostTexts = 2048
const inputRule = `must be a text, or 1 to ${mostTexts} texts, none empty; token numbers are not supported, send the text itself`

export const embeddingBodySchema = z.object({
  model: orNull(promptText),
  input: z.union([promptText.transform((text) => [text]), z.array(promptText).min(1, inputRule).max(mostTexts, inputRule)], inputRule),
  encoding_format: orNull(z.enum(['float', 'base64'], 'must be float or base64')),
  dimensions: orNull(integer(1, 100_000))
}, { error: ({ code }) => code === 'invalid_type' ? 'The body must be a JSON object, for example {"model": "default", "input": "Hello"}' : undefined })

export type EmbeddingBody = z.output<typeof embeddingBodySchema>

export function toEmbeddingRequest({ input, dimensions }: EmbeddingBody): EmbeddingRequest {
  return { texts: input, ...present({ dimensions }) }
}
