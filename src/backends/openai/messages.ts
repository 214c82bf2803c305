// The conversation in OpenAI's form.
import type { ChatCompletionContentPart, ChatCompletionMessageFunctionToolCall, ChatCompletionMessageParam } from 'openai/resources/chat/completions'
import type { ContentPart, Message, ToolCall } from '../../inference/request.ts'

export function wireMessages(messages: readonly Message[]): ChatCompletionMessageParam[] {
  return messages.map(wireMessage)
}

function wireMessage(message: Message): ChatCompletionMessageParam {
  switch (message.role) {
    case 'system': return { role: 'system', content: message.content }
    case 'user': return { role: 'user', content: typeof message.content === 'string' ? message.content : message.content.map(wirePart) }
    case 'assistant': return assistantMessage(message.content, message.toolCalls ?? [])
    case 'tool': return { role: 'tool', content: message.content, tool_call_id: message.toolCallId }
  }
}

/** Empty text beside calls is null, as OpenAI itself writes it; an empty list of calls is refused. */
function assistantMessage(content: string, calls: readonly ToolCall[]): ChatCompletionMessageParam {
  if (calls.length === 0) return { role: 'assistant', content }
  return { role: 'assistant', content: content === '' ? null : content, tool_calls: calls.map(wireCall) }
}

function wireCall({ id, name, arguments: text }: ToolCall): ChatCompletionMessageFunctionToolCall {
  return { id, type: 'function', function: { name, arguments: text } }
}

function wirePart(part: ContentPart): ChatCompletionContentPart {
  if (part.type === 'text') return { type: 'text', text: part.text }
  return { type: 'image_url', image_url: { url: part.url, ...(part.detail && { detail: part.detail }) } }
}
