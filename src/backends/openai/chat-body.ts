// The body of POST /chat/completions for one inference.
import type { ChatCompletionCreateParamsStreaming } from 'openai/resources/chat/completions'
import type { InferenceRequest } from '../../inference/request.ts'

/** What servers disagree about. */
export type Dialect = {
  /** `*`: whatever the request names. */
  readonly model: string
  /** api.openai.com refuses `max_tokens` for its newer models; others know nothing else. */
  readonly maxTokensField: 'max_tokens' | 'max_completion_tokens'
  /** How thinking is switched on and off; none: it cannot be. */
  readonly thinkingStyle: 'deepseek' | 'none'
}

/** OpenAI's body, with the fields that others add and the form of those that pass unchecked. */
type ChatBody = Omit<ChatCompletionCreateParamsStreaming, 'messages' | 'tools' | 'tool_choice' | 'response_format'> & {
  messages: InferenceRequest['messages']
  tools?: InferenceRequest['tools']
  tool_choice?: unknown
  response_format?: InferenceRequest['responseFormat']
  thinking?: { type: 'enabled' | 'disabled' }
}

/** JSON text; what the request leaves open is left out, so that the server's own default counts. */
export function chatBody(request: InferenceRequest, dialect: Dialect): string {
  const body: ChatBody = { model: dialect.model === '*' ? request.model ?? '' : dialect.model, messages: request.messages, stream: true, stream_options: { include_usage: true } }
  if (request.maxTokens !== undefined) body[dialect.maxTokensField] = request.maxTokens
  if (request.temperature !== undefined) body.temperature = request.temperature
  if (request.topP !== undefined) body.top_p = request.topP
  if (request.stop.length > 0) body.stop = [...request.stop]
  if (request.seed !== undefined) body.seed = request.seed
  if (request.tools !== undefined) body.tools = request.tools
  if (request.toolChoice !== undefined) body.tool_choice = request.toolChoice
  if (request.responseFormat !== undefined) body.response_format = request.responseFormat
  if (request.thinking !== undefined && dialect.thinkingStyle === 'deepseek') body.thinking = { type: request.thinking ? 'enabled' : 'disabled' }
  return JSON.stringify(body)
}
