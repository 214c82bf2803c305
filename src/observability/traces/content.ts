// What was said, in the form of OpenTelemetry's conventions: JSON text of messages in parts. For SWITCH_TRACE_CONTENT=true alone.
import type { Attributes } from '@opentelemetry/api'
import type { ObservedAnswer, ObservedInference } from '../../inference/observer.ts'
import type { ContentPart, InferenceRequest, Message } from '../../inference/request.ts'

export function attributesOfInput(inference: ObservedInference): Attributes {
  return 'request' in inference ? { 'gen_ai.input.messages': JSON.stringify(messagesOf(inference.request)) } : {}
}

export function attributesOfOutput({ text, finishReason }: ObservedAnswer): Attributes {
  return text === undefined ? {} : { 'gen_ai.output.messages': JSON.stringify([{ role: 'assistant', parts: [textPart(text)], finish_reason: finishReason }]) }
}

function messagesOf({ rawPrompt, messages }: InferenceRequest): object[] {
  if (rawPrompt !== undefined) return [{ role: 'user', parts: [textPart(rawPrompt)] }]
  return messages.map((message) => ({ role: message.role, parts: partsOf(message) }))
}

function partsOf(message: Message): object[] {
  if (message.role === 'tool') return [{ type: 'tool_call_response', id: message.toolCallId, result: message.content }]
  const said = typeof message.content === 'string' ? [textPart(message.content)] : message.content.map(partOf)
  if (message.role !== 'assistant') return said
  return [...said, ...(message.toolCalls ?? []).map(({ id, name, arguments: given }) => ({ type: 'tool_call', id, name, arguments: given }))]
}

/** A picture is named, not copied. */
function partOf(part: ContentPart): object {
  return part.type === 'text' ? textPart(part.text) : { type: 'uri', modality: 'image', uri: part.url.startsWith('data:') ? 'data:' : part.url }
}

function textPart(content: string): object {
  return { type: 'text', content }
}
