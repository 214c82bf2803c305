// POST /v1/chat/completions.
import type { ChatBody } from '../../routes/v1/chat-schema.ts'
import { openAiTexts, toolTexts } from '../field-texts.ts'
import { handlingHeaders } from '../headers.ts'
import { inferenceErrors } from '../inference-errors.ts'
import type { Operation } from '../operation.ts'
import { inferenceReply } from '../replies.ts'
import { chatCompletionSchema, chatEventSchema } from '../schemas/completions.ts'

const fields = {
  ...openAiTexts, ...toolTexts,
  messages: 'The conversation, oldest first.',
  max_completion_tokens: 'The newer name of max_tokens; it counts where both are there.',
  response_format: 'The form that the answer is to have.',
  reasoning_effort: 'How much a model that thinks is to think.',
  logprobs: 'Log probabilities of the tokens, from a backend that can give them.',
  top_logprobs: 'Of so many other tokens too; needs logprobs.',
  modalities: 'Text alone.',
  functions: 'The old form of tools: refused.',
  function_call: 'The old form of tool_choice: refused.'
} satisfies Record<keyof ChatBody, string>

export const chatCompletionsOperation: Operation = {
  route: 'POST /v1/chat/completions',
  id: 'createChatCompletion',
  tag: 'OpenAI',
  summary: 'A conversation in the form of OpenAI',
  description: 'Null is the same as absent, and fields that Switch does not know are let pass.',
  headers: handlingHeaders,
  body: {
    name: 'ChatCompletionRequest', fields,
    examples: {
      question: { summary: 'A question', value: { model: 'default', messages: [{ role: 'user', content: 'What is the capital of France?' }], temperature: 0 } },
      stream: { summary: 'A stream with token counts', value: { model: 'default', messages: [{ role: 'user', content: 'Count from 1 to 3.' }], stream: true, stream_options: { include_usage: true } } },
      tool: {
        summary: 'A call of a function',
        value: { model: 'default', messages: [{ role: 'user', content: 'How is the weather in Paris?' }], tools: [{ type: 'function', function: { name: 'weather', parameters: { type: 'object', properties: { city: { enum: ['Paris', 'Madrid'] } }, required: ['city'], additionalProperties: false } } }], tool_choice: 'required' }
      }
    }
  },
  replies: { 200: inferenceReply('The answer. As a stream: chunks, then [DONE]; an error ends the stream without it.', chatCompletionSchema, chatEventSchema) },
  errors: inferenceErrors
}
