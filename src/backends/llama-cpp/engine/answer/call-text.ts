// The calls in the text that a model writes under the grammar of calls.
import { randomUUID } from 'node:crypto'
import type { ToolCall } from '../../../../inference/request.ts'
import type { CallFormat } from '../prompt/chat-format.ts'

/** Takes the text behind the marker of the first call, piece by piece; what is incomplete is never given out. */
export class CallText {
  readonly #format: CallFormat
  readonly #names: readonly string[]
  #text = ''
  #opening: string

  constructor(format: CallFormat, names: readonly string[]) {
    this.#format = format
    this.#names = names
    this.#opening = format.opening.slice(format.marker.length)
  }

  /** The calls that this piece completes. */
  push(piece: string): ToolCall[] {
    this.#text += piece
    const calls: ToolCall[] = []
    for (let call = this.#take(); call !== undefined; call = this.#take()) calls.push(call)
    return calls
  }

  #take(): ToolCall | undefined {
    const { suffix, between, paramsPrefix } = this.#format
    for (const name of this.#names) {
      const head = this.#opening + beforeArguments(paramsPrefix, name)
      const end = this.#text.startsWith(head) ? endOfObject(this.#text, head.length) : -1
      if (end === -1 || !this.#text.startsWith(suffix, end)) continue
      const call = { id: `call_${randomUUID().replaceAll('-', '')}`, name, arguments: this.#text.slice(head.length, end) }
      this.#text = this.#text.slice(end + suffix.length)
      this.#opening = between
      return call
    }
    return undefined
  }
}

/** A function's name and what stands between it and its arguments. */
export function beforeArguments(paramsPrefix: string, name: string): string {
  return name + paramsPrefix.replaceAll('{{functionName}}', name)
}

/** Behind the closing brace of the JSON object that begins at `start`; -1 while it is open. */
function endOfObject(text: string, start: number): number {
  let depth = 0
  let isInString = false
  for (let index = start; index < text.length; index++) {
    const letter = text[index]
    if (isInString && letter === '\\') index++
    else if (letter === '"') isInString = !isInString
    else if (!isInString && (letter === '{' || letter === '[')) depth++
    else if (!isInString && (letter === '}' || letter === ']') && --depth === 0) return index + 1
  }
  return -1
}
