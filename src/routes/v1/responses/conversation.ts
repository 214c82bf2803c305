// The items of a conversation as the messages that a model reads.
import { SwitchError } from '../../../inference/errors.ts'
import type { ContentPart as MessagePart, Message, ToolCall } from '../../../inference/request.ts'
import type { CallItem, ContentPart, InputItem, MessageItem } from './input-item.ts'
import type { OutputCall, OutputItem, OutputMessage } from './output-item.ts'

/** Said by either side, in this request or before; every item has its id. */
export type ConversationItem = (Exclude<InputItem, { type: 'item_reference' }> & { readonly id: string }) | OutputItem

/**
 * The messages of `items`, oldest first. What a call gave stands directly behind it, wherever its item was.
 * @throws SwitchError SWITCH_REQUEST_INVALID when calls and their outputs do not fit together, or nothing is asked at the end
 */
export function messagesOf(items: readonly ConversationItem[], instructions: string | undefined): Message[] {
  const messages: Message[] = instructions === undefined ? [] : [{ role: 'system', content: instructions }]
  const outputs = outputsOf(items)
  let turn: AssistantTurn | undefined
  const endTurn = () => {
    if (turn) messages.push(...turn.messages(outputs))
    turn = undefined
  }
  for (const item of items) {
    if (item.type === 'function_call') (turn ??= new AssistantTurn()).call(item)
    else if (item.type !== 'reasoning') endTurn()
    if (item.type === 'message' && item.role === 'assistant') turn = new AssistantTurn(textOfParts(item.content))
    else if (item.type === 'message') messages.push(plainMessage(item))
  }
  endTurn()
  for (const [id, rest] of outputs) if (rest.length > 0) throw invalid(`There are several outputs for the call ${id}. Send one for each call.`)
  if (messages.at(-1)?.role === 'assistant') throw invalid('The last item must not be the assistant\'s own message. Add what it is to answer.')
  return messages
}

/** One message of the assistant: its text and the calls that follow it. */
class AssistantTurn {
  readonly #text: string
  readonly #calls: ToolCall[] = []

  constructor(text = '') {
    this.#text = text
  }

  call({ call_id, name, arguments: text }: CallItem | OutputCall): void {
    this.#calls.push({ id: call_id, name, arguments: text })
  }

  /** It and the results of its calls, which leave `outputs`. */
  messages(outputs: Outputs): Message[] {
    const results = this.#calls.map(({ id }): Message => {
      const content = outputs.get(id)?.shift()
      if (content === undefined) throw invalid(`There is no function_call_output for the call ${id}. Add one with this call_id.`)
      return { role: 'tool', content, toolCallId: id }
    })
    if (this.#text === '' && results.length === 0) return []
    return [{ role: 'assistant', content: this.#text, ...(this.#calls.length > 0 && { toolCalls: this.#calls }) }, ...results]
  }
}

/** What calls gave, by the id of the call; several where a model gives an id again in a later turn. */
type Outputs = ReadonlyMap<string, string[]>

function outputsOf(items: readonly ConversationItem[]): Outputs {
  const outputs = new Map<string, string[]>()
  for (const item of items) {
    if (item.type === 'function_call' && !outputs.has(item.call_id)) outputs.set(item.call_id, [])
    if (item.type !== 'function_call_output') continue
    const known = outputs.get(item.call_id)
    if (known === undefined) throw invalid(`There is no function_call before the output with the call_id ${item.call_id}. Send the call too, or the previous_response_id of the answer that has it.`)
    known.push(item.output.map(({ text }) => text).join('\n'))
  }
  return outputs
}

function plainMessage({ role, content }: MessageItem | OutputMessage): Message {
  if (role !== 'user') return { role: 'system', content: textOfParts(content) }
  return { role, content: content.some(({ type }) => type === 'input_image') ? content.map(messagePart) : textOfParts(content) }
}

function textOfParts(parts: readonly ContentPart[]): string {
  return parts.flatMap((part) => part.type === 'input_image' ? [] : part.type === 'refusal' ? part.refusal : part.text).join('\n')
}

function messagePart(part: ContentPart): MessagePart {
  if (part.type === 'input_image') return { type: 'image', url: part.image_url, ...(part.detail && { detail: part.detail }) }
  return { type: 'text', text: part.type === 'refusal' ? part.refusal : part.text }
}

function invalid(reason: string): SwitchError {
  return new SwitchError('SWITCH_REQUEST_INVALID', reason, { body: { details: [{ path: 'input', reason }] } })
}
