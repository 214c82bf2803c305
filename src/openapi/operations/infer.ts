// POST /switch/infer.
import type { InferBody } from '../../routes/infer-schema.ts'
import { samplingTexts, toolTexts } from '../field-texts.ts'
import { inferenceErrors } from '../inference-errors.ts'
import type { Operation } from '../operation.ts'
import { inferenceReply } from '../replies.ts'
import { inferAnswerSchema, inferEventSchema } from '../schemas/infer.ts'

const { tools, tool_choice } = toolTexts
const fields = {
  prompt: 'What the user says. Exactly one of prompt, message and messages is there.',
  message: 'The same as prompt.',
  messages: 'A conversation, oldest first.',
  system: 'What the model is told before the conversation.',
  ...samplingTexts,
  context_length: 'Tokens of prompt and answer together; the configured bound is never exceeded.',
  max_tokens: 'Tokens of the answer; the configured bound is never exceeded.',
  timeout_seconds: 'The whole request, waiting and every attempt included. Without it HERMES_TIMEOUT.',
  response_format: 'The form that the answer is to have.',
  tools, tool_choice,
  priority: 'Who goes first when callers wait: 0 to 9, lower first, or the name of a VX11 service. Without it 4.',
  session_id: 'A hint that requests belong together, so that a backend may reuse what it holds of them.'
} satisfies Record<keyof InferBody, string>

export const inferOperation: Operation = {
  route: 'POST /switch/infer',
  id: 'infer',
  tag: 'Inference',
  summary: 'One inference, as JSON or as a stream',
  description: 'The backends of the route are tried in order until one answers or the time is over; `attempts` is the receipt. Unknown fields are refused by name.',
  body: {
    name: 'InferRequest', fields,
    also: (schema) => { schema['oneOf'] = ['prompt', 'message', 'messages'].map((name) => ({ required: [name] })) },
    examples: {
      question: { summary: 'A question', value: { prompt: 'What is the capital of France?', max_tokens: 256, temperature: 0.7, timeout_seconds: 30 } },
      stream: { summary: 'A stream', value: { prompt: 'Count from 1 to 3.', stream: true } },
      conversation: {
        summary: 'A conversation',
        value: { system: 'Be brief.', messages: [{ role: 'user', content: 'What is the capital of France?' }, { role: 'assistant', content: 'Paris.' }, { role: 'user', content: [{ type: 'text', text: 'And of Spain?' }] }], priority: 'operator' }
      },
      schema: {
        summary: 'An answer in a form of one\'s own',
        value: { prompt: 'Paris', response_format: { type: 'json_schema', json_schema: { name: 'place', schema: { type: 'object', properties: { isCapital: { type: 'boolean' } }, required: ['isCapital'], additionalProperties: false } } } }
      },
      tool: {
        summary: 'A call of a function',
        value: { prompt: 'How is the weather in Paris?', tools: [{ type: 'function', function: { name: 'weather', parameters: { type: 'object', properties: { city: { enum: ['Paris', 'Madrid'] } }, required: ['city'], additionalProperties: false } } }], tool_choice: 'required' }
      }
    }
  },
  replies: { 200: inferenceReply('The answer. As a stream: deltas, then exactly one of done and error.', inferAnswerSchema, inferEventSchema) },
  errors: inferenceErrors
}
