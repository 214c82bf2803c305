// The conversation in Ollama's form: text alone in `content`, pictures beside it, arguments of calls as objects.
import type { BackendError } from '../../inference/failure.ts'
import { textOf } from '../../inference/message-text.ts'
import type { Message, ToolCall } from '../../inference/request.ts'
import { requestRefused } from './failures.ts'
import type { OllamaServer } from './server.ts'

type WireCall = { id: string, function: { index: number, name: string, arguments: object } }

export type WireMessage = { role: string, content: string, images?: string[], tool_calls?: WireCall[], tool_name?: string, tool_call_id?: string }

/** @throws BackendError rejected for what Ollama cannot take */
export function wireMessages(messages: readonly Message[], server: OllamaServer): WireMessage[] {
  const names = new Map(messages.flatMap((message) => message.role === 'assistant' ? message.toolCalls ?? [] : []).map(({ id, name }) => [id, name]))
  return messages.map((message) => wireMessage(message, names, (problem) => requestRefused(server, problem)))
}

function wireMessage(message: Message, names: ReadonlyMap<string, string>, refused: (problem: string) => BackendError): WireMessage {
  const common = { role: message.role, content: textOf(message) }
  if (message.role === 'tool') {
    const name = names.get(message.toolCallId)
    return { ...common, ...(name !== undefined && { tool_name: name }), tool_call_id: message.toolCallId }
  }
  if (message.role === 'assistant') return message.toolCalls?.length ? { ...common, tool_calls: message.toolCalls.map((call, index) => wireCall(call, index, refused)) } : common
  const images = typeof message.content === 'string' ? [] : message.content.flatMap((part) => part.type === 'image' ? imageData(part.url, refused) : [])
  return images.length > 0 ? { ...common, images } : common
}

function wireCall({ id, name, arguments: text }: ToolCall, index: number, refused: (problem: string) => BackendError): WireCall {
  const given = parsed(text)
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw refused(`the arguments of the call ${id} of ${name} are no JSON object. Send them as the model gave them.`)
  return { id, function: { index, name, arguments: given } }
}

/** Ollama fetches no pictures. */
function imageData(url: string, refused: (problem: string) => BackendError): string {
  const [, data] = /^data:[^,]*;base64,(.+)$/is.exec(url) ?? []
  if (data === undefined) throw refused('it takes pictures only as data: URLs in base64. Send the picture itself instead of its address.')
  return data
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
