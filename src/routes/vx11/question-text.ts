// Finds the text of a question in a body of no fixed form.
import { invalidField } from './invalid-field.ts'

const names = ['text', 'prompt', 'message', 'query', 'content']

/** Fields that say how a question is handled, not what is asked. */
const handling = new Set(['messages', 'session_id', 'user_id', 'source', 'provider', 'provider_hint', 'task_type', 'max_tokens', 'temperature', 'timeout_seconds', 'metadata'])

/** The first field that holds a text, also in a `payload`, and in a payload of that. Undefined when there is none. */
export function textIn(fields: Fields, depth = 2): string | undefined {
  const { payload } = fields
  const own = names.map((name) => fields[name]).find(isText)
  return own ?? (depth > 0 && isFields(payload) ? textIn(payload, depth - 1) : undefined)
}

/**
 * What is asked, as JSON; undefined when nothing is left.
 * @throws SwitchError when it is nested more deeply than JSON can be written
 */
export function jsonOf(fields: Fields): string | undefined {
  const asked = Object.entries(fields).filter(([name, value]) => !handling.has(name) && !isEmpty(value))
  if (asked.length === 0) return undefined
  try {
    return JSON.stringify(Object.fromEntries(asked))
  } catch {
    throw invalidField(asked[0]![0], 'is nested too deeply')
  }
}

export type Fields = Readonly<Record<string, unknown>>

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '' && value.isWellFormed()
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || (typeof value === 'string' && value.trim() === '') || (isFields(value) && Object.keys(value).every((name) => handling.has(name)))
}
