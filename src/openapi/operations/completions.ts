// POST /v1/completions.
import type { CompletionBody } from '../../routes/v1/completions-schema.ts'
import { openAiTexts } from '../field-texts.ts'
import { handlingHeaders } from '../headers.ts'
import { inferenceErrors } from '../inference-errors.ts'
import type { Operation } from '../operation.ts'
import { inferenceReply } from '../replies.ts'
import { completionEventSchema, completionSchema } from '../schemas/completions.ts'

const fields = {
  ...openAiTexts,
  prompt: 'What the model goes on from, as it is.',
  suffix: 'Not supported.',
  logprobs: 'Not supported here.',
  echo: 'Only false.',
  best_of: 'Only 1.'
} satisfies Record<keyof CompletionBody, string>

export const completionsOperation: Operation = {
  route: 'POST /v1/completions',
  id: 'createCompletion',
  tag: 'OpenAI',
  summary: 'Goes on from a text, without a chat template',
  headers: handlingHeaders,
  body: {
    name: 'CompletionRequest', fields,
    examples: {
      text: { summary: 'A text to go on from', value: { model: 'local', prompt: 'Once upon a time', max_tokens: 16 } },
      stream: { summary: 'A stream', value: { model: 'local', prompt: 'Once upon a time', max_tokens: 8, stream: true } }
    }
  },
  replies: { 200: inferenceReply('The text. As a stream: chunks, then [DONE]; an error ends the stream without it.', completionSchema, completionEventSchema) },
  errors: inferenceErrors
}
