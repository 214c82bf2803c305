// POST /v1/embeddings.
import type { EmbeddingBody } from '../../routes/v1/embeddings-schema.ts'
import { samplingTexts } from '../field-texts.ts'
import { handlingHeaders } from '../headers.ts'
import type { Operation } from '../operation.ts'
import { inferenceReply } from '../replies.ts'
import { embeddingListSchema } from '../schemas/listings.ts'

const fields = {
  model: samplingTexts.model,
  input: 'A text or several.',
  encoding_format: 'Numbers, or base64 of floats of 32 bits. Without it numbers.',
  dimensions: 'Of the vectors, where the model can choose.'
} satisfies Record<keyof EmbeddingBody, string>

export const embeddingsOperation: Operation = {
  route: 'POST /v1/embeddings',
  id: 'createEmbeddings',
  tag: 'OpenAI',
  summary: 'Vectors of texts',
  description: 'Only from backends that make them; the others are left out, and where none is left the answer is 400.',
  headers: handlingHeaders,
  body: { name: 'EmbeddingRequest', fields, examples: { text: { summary: 'A text', value: { model: 'default', input: 'What is the capital of France?' } } } },
  replies: { 200: inferenceReply('The vectors, in the order of the texts.', embeddingListSchema) },
  errors: ['SWITCH_REQUEST_UNSUPPORTED', 'SWITCH_REQUEST_CONTEXT_EXCEEDED', 'SWITCH_REQUEST_REJECTED', 'SWITCH_ROUTE_UNKNOWN', 'SWITCH_QUEUE_FULL', 'SWITCH_ROUTE_UNAVAILABLE', 'SWITCH_DEADLINE_EXCEEDED', 'SWITCH_SERVER_CLOSING']
}
