// POST /v1/responses.
import type { CreateBody } from '../../routes/v1/responses/create-body.ts'
import { openAiTexts, toolTexts } from '../field-texts.ts'
import { handlingHeaders } from '../headers.ts'
import { textOr } from '../hidden-forms.ts'
import { inferenceErrors } from '../inference-errors.ts'
import type { Operation } from '../operation.ts'
import { inferenceReply } from '../replies.ts'
import { responseEventSchema } from '../schemas/response-events.ts'
import { responseObjectSchema } from '../schemas/response-object.ts'

const fields = {
  ...openAiTexts, ...toolTexts,
  input: 'A text, or the items that this request adds to the conversation.',
  instructions: 'What the model is told first. They hold for this request alone.',
  previous_response_id: 'The answer to go on from.',
  store: 'False: the answer is not kept. Without it true; kept answers are in memory, the last thousand.',
  max_output_tokens: 'Tokens of the answer.',
  text: 'The form that the answer is to have.',
  reasoning: 'How much a model that thinks is to think.',
  include: 'message.output_text.logprobs asks for log probabilities; others are let pass.',
  top_logprobs: 'Log probabilities of the tokens and of so many others.',
  metadata: 'Echoed.',
  truncation: 'Only disabled.',
  background: 'Only false.',
  conversation: 'Not supported.',
  prompt: 'Not supported.'
} satisfies Record<keyof CreateBody, string>

export const responsesOperation: Operation = {
  route: 'POST /v1/responses',
  id: 'createResponse',
  tag: 'OpenAI',
  summary: 'A conversation in the newer form of OpenAI',
  description: 'Null is the same as absent, and fields that Switch does not know are let pass.',
  headers: handlingHeaders,
  body: {
    name: 'ResponseRequest', fields,
    also: (schema) => {
      const properties = schema['properties'] as Record<string, object>
      const { items, ...list } = properties['input'] as { items: { oneOf: object[] } }
      // Not oneOf: clients leave the type out where other fields tell it.
      properties['input'] = { ...textOr({ ...list, items: { anyOf: items.oneOf } }), description: fields.input }
    },
    examples: {
      question: { summary: 'A question', value: { model: 'default', input: 'What is the capital of France?', temperature: 0 } },
      items: { summary: 'A conversation in items', value: { model: 'default', input: [{ role: 'user', content: 'What is the capital of France?' }, { role: 'assistant', content: 'Paris.' }, { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'And of Spain?' }] }] } },
      stream: { summary: 'A stream', value: { model: 'default', input: 'Count from 1 to 3.', stream: true } }
    }
  },
  replies: { 200: inferenceReply('The answer. As a stream: the events that build it up; the last one is response.completed, response.incomplete or response.failed.', responseObjectSchema, responseEventSchema) },
  errors: ['SWITCH_PREVIOUS_RESPONSE_UNKNOWN', ...inferenceErrors]
}
