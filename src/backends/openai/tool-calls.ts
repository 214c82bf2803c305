// Function calls that arrive in pieces, held back until they are whole.
import { randomUUID } from 'node:crypto'
import type { ToolCall } from '../../inference/request.ts'
import type { Failures } from './failures.ts'
import { isWire } from './wire.ts'
import type { Wire } from './wire.ts'

/** More than any model's answer holds; a server that sends more is broken. */
const maxCalls = 128
const maxCharacters = 4 * 1024 * 1024

type PartialCall = { index: unknown, id: string, name: string, arguments: string }

export class ToolCalls {
  readonly #failures: Failures
  readonly #calls: PartialCall[] = []
  #characters = 0

  constructor(failures: Failures) {
    this.#failures = failures
  }

  get isEmpty(): boolean {
    return this.#calls.length === 0
  }

  /** @throws BackendError protocol when it is too much */
  take(pieces: readonly unknown[]): void {
    for (const piece of pieces) {
      if (isWire(piece)) this.#takePiece(piece)
    }
  }

  /**
   * The calls in their order, arguments checked.
   * @throws BackendError protocol when one of them is not whole
   */
  complete(): ToolCall[] {
    return this.#calls.map(({ id, name, arguments: text }) => {
      const whole = wholeArguments(text)
      if (name === '' || whole === undefined) throw this.#failures.of('protocol', `sent a call of the function '${name}' whose arguments are no JSON.`)
      return { id: id || `call_${randomUUID()}`, name, arguments: whole }
    })
  }

  #takePiece(piece: Wire): void {
    const call = this.#find(piece)
    const { name, arguments: text } = isWire(piece['function']) ? piece['function'] : {}
    // The first id and name count: some servers repeat them, or send '' later.
    if (call.name === '' && typeof name === 'string') call.name = name
    if (call.id === '' && typeof piece['id'] === 'string') call.id = piece['id']
    const more = typeof text === 'string' ? text : isWire(text) ? JSON.stringify(text) : ''
    call.arguments += more
    this.#characters += more.length
    if (this.#characters > maxCharacters || this.#calls.length > maxCalls) throw this.#failures.of('protocol', 'sent function calls without end.')
  }

  /** By index; without one (Gemini) by id; without either it goes on with the last. */
  #find({ index, id }: Wire): PartialCall {
    const found = typeof index === 'number' ? this.#calls.find((call) => call.index === index)
      : typeof id === 'string' && id !== '' ? this.#calls.find((call) => call.id === id)
        : this.#calls.at(-1)
    if (found) return found
    const call = { index, id: '', name: '', arguments: '' }
    this.#calls.push(call)
    return call
  }
}

/** A function without parameters is called with '' by some servers; Bedrock puts an empty object before the real one. */
function wholeArguments(text: string): string | undefined {
  if (text.trim() === '') return '{}'
  return [text, text.replace(/^\{\}(?=\{)/, '')].find(isJson)
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
