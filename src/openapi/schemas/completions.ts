// What /v1/chat/completions and /v1/completions give, whole and in chunks.
import { z } from 'zod'
import { openAiErrorSchema } from './error.ts'
import { wholeUsageSchema } from './usage.ts'

const seconds = z.int().meta({ description: 'Seconds since 1970.' })
const finishReason = z.enum(['stop', 'length', 'tool_calls'])
const none = z.null()
const logprobs = z.object({ content: z.array(z.looseObject({ token: z.string(), logprob: z.number() })), refusal: none }).nullable()
const functionCall = z.object({ id: z.string(), type: z.literal('function'), function: z.object({ name: z.string(), arguments: z.string() }) })

const message = z.object({
  role: z.literal('assistant'),
  content: z.string().nullable(),
  refusal: none,
  reasoning_content: z.string().exactOptional(),
  tool_calls: z.array(functionCall).exactOptional()
})

const head = { id: z.string(), created: seconds, model: z.string() }

export const chatCompletionSchema = z.object({
  ...head,
  object: z.literal('chat.completion'),
  choices: z.array(z.object({ index: z.literal(0), message, logprobs, finish_reason: finishReason })),
  usage: wholeUsageSchema
}).meta({ id: 'ChatCompletion' })

const callPiece = z.object({
  index: z.int(), id: z.string().exactOptional(), type: z.literal('function').exactOptional(),
  function: z.object({ name: z.string().exactOptional(), arguments: z.string() })
})

const delta = z.object({
  role: z.literal('assistant').exactOptional(),
  content: z.string().exactOptional(),
  reasoning_content: z.string().exactOptional(),
  tool_calls: z.array(callPiece).exactOptional()
})

const chunkUsage = { usage: wholeUsageSchema.nullable().exactOptional().meta({ description: 'In the last chunk, where stream_options.include_usage asks for it.' }) }
const endMark = z.literal('[DONE]')

const chatChunk = z.object({
  ...head,
  object: z.literal('chat.completion.chunk'),
  choices: z.array(z.object({ index: z.literal(0), delta, logprobs, finish_reason: finishReason.nullable() })),
  ...chunkUsage
}).meta({ id: 'ChatCompletionChunk' })

/** Events without names. An error ends the stream; the end mark follows a complete answer alone. */
export const chatEventSchema = z.object({ data: z.union([chatChunk, openAiErrorSchema, endMark]) }).meta({ id: 'ChatCompletionEvent', description: 'One Server-Sent Event.' })

const choice = { text: z.string(), index: z.literal(0), logprobs: none }
const textHead = { ...head, object: z.literal('text_completion') }

export const completionSchema = z.object({ ...textHead, choices: z.array(z.object({ ...choice, finish_reason: finishReason })), usage: wholeUsageSchema }).meta({ id: 'Completion' })
const completionChunk = z.object({ ...textHead, choices: z.array(z.object({ ...choice, finish_reason: finishReason.nullable() })), ...chunkUsage }).meta({ id: 'CompletionChunk' })

export const completionEventSchema = z.object({ data: z.union([completionChunk, openAiErrorSchema, endMark]) }).meta({ id: 'CompletionEvent', description: 'One Server-Sent Event.' })
