// A conversation in the terms of node-llama-cpp, whose chat wrappers render it.
import type { ChatHistoryItem, ChatModelFunctionCall, ChatModelFunctions, ChatModelResponse } from 'node-llama-cpp'
import { textOf } from '../../../../inference/message-text.ts'
import type { Message, Tool, ToolCall } from '../../../../inference/request.ts'

type Results = ReadonlyMap<string, string>

/** Ends with an open turn of the assistant; after the results of calls the turn that asked for them goes on. */
export function historyOf(messages: readonly Message[]): ChatHistoryItem[] {
  const items: ChatHistoryItem[] = []
  for (const [index, message] of messages.entries()) {
    if (message.role === 'assistant') addResponse(items, responseOf(message, resultsAfter(messages, index)))
    else if (message.role !== 'tool') items.push({ type: message.role, text: textOf(message) })
  }
  if (!isGoingOn(items.at(-1))) items.push({ type: 'model', response: [] })
  return items
}

export function functionsOf(tools: readonly Tool[]): ChatModelFunctions {
  return Object.fromEntries(tools.map(({ function: { name, description, parameters } }) => [name, {
    ...description !== undefined && { description }, params: (parameters ?? noParameters) as never
  }]))
}

/** The schema of a function that declares no parameters. */
export const noParameters = { type: 'object', properties: {}, additionalProperties: false }

type AssistantMessage = Extract<Message, { role: 'assistant' }>

function responseOf({ content, toolCalls = [] }: AssistantMessage, results: Results): ChatModelResponse['response'] {
  const calls = toolCalls.map((call, index) => functionCallOf(call, results.get(call.id), index === 0))
  return content === '' && calls.length > 0 ? calls : [content, ...calls]
}

function addResponse(items: ChatHistoryItem[], response: ChatModelResponse['response']): void {
  const last = items.at(-1)
  if (last?.type === 'model' && isGoingOn(last)) last.response.push(...response)
  else items.push({ type: 'model', response })
}

function functionCallOf({ name, arguments: text }: ToolCall, result: string | undefined, startsNewChunk: boolean): ChatModelFunctionCall {
  return { type: 'functionCall', name, params: parsed(text), result: result === undefined ? undefined : parsed(result), startsNewChunk }
}

/** The results of the calls of one message: they stand directly behind it. */
function resultsAfter(messages: readonly Message[], index: number): Results {
  const rest = messages.slice(index + 1)
  const end = rest.findIndex(({ role }) => role !== 'tool')
  return new Map(rest.slice(0, end === -1 ? rest.length : end).flatMap((message) => message.role === 'tool' ? [[message.toolCallId, message.content]] : []))
}

function isGoingOn(item: ChatHistoryItem | undefined): boolean {
  const last = item?.type === 'model' ? item.response.at(-1) : undefined
  return typeof last === 'object' && last.type === 'functionCall'
}

/** Text that is no JSON stays text. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
