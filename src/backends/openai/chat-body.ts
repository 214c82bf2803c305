// The body of POST /chat/completions for one inference.
import type { ChatCompletionCreateParamsStreaming, ChatCompletionToolChoiceOption } from 'openai/resources/chat/completions'
import type { InferenceRequest, ToolChoice } from '../../inference/request.ts'
import { commonBody } from './common-body.ts'
import type { CommonBody, Dialect, Open } from './common-body.ts'
import { wireMessages } from './messages.ts'

/** OpenAI's body, with the fields that others add and the form of those that pass unchecked. */
type ChatBody = CommonBody & Open<Pick<ChatCompletionCreateParamsStreaming, 'messages' | 'logprobs' | 'top_logprobs'>> & ToolFields & ThinkingFields & {
  response_format: InferenceRequest['responseFormat']
}

type ToolFields = Open<Pick<ChatCompletionCreateParamsStreaming, 'tool_choice' | 'parallel_tool_calls'>> & { tools?: InferenceRequest['tools'] }

type ThinkingFields = { reasoning_effort: InferenceRequest['reasoningEffort'], thinking?: { type: 'enabled' | 'disabled' } | undefined }

/** JSON text. */
export function chatBody(request: InferenceRequest, dialect: Dialect): string {
  const body: ChatBody = {
    ...commonBody(request, dialect),
    messages: wireMessages(request.messages),
    ...toolFields(request, dialect),
    ...thinkingFields(request, dialect),
    logprobs: request.logprobs === undefined ? undefined : true,
    top_logprobs: request.logprobs,
    response_format: request.responseFormat
  }
  return JSON.stringify(body)
}

/** Without a tool OpenAI refuses the other two fields. */
function toolFields({ tools = [], toolChoice, parallelToolCalls }: InferenceRequest, { hasTools }: Dialect): ToolFields {
  return hasTools && tools.length > 0 ? { tools, tool_choice: wireChoice(toolChoice), parallel_tool_calls: parallelToolCalls } : {}
}

function wireChoice(choice: ToolChoice | undefined): ChatCompletionToolChoiceOption | undefined {
  return typeof choice === 'object' ? { type: 'function', function: choice } : choice
}

/** DeepSeek has a switch beside the effort, and no effort that means none. */
function thinkingFields({ thinking, reasoningEffort }: InferenceRequest, { thinkingStyle }: Dialect): ThinkingFields {
  if (thinkingStyle === 'none') return { reasoning_effort: reasoningEffort }
  const isWanted = thinking ?? (reasoningEffort === undefined ? undefined : reasoningEffort !== 'none')
  return {
    thinking: isWanted === undefined ? undefined : { type: isWanted ? 'enabled' : 'disabled' },
    reasoning_effort: isWanted === false || reasoningEffort === 'none' ? undefined : reasoningEffort
  }
}
