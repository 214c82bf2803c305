// Says why a text is not the JSON that was asked for.
import type { ResponseFormat } from '../request.ts'
import { isObject } from './schema.ts'
import { compileValidator } from './validator.ts'

/** @returns the reason in words; undefined when the text is what the format asks for */
export function parseAndValidate(text: string, format: ResponseFormat): string | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return `the answer is not JSON: ${(error as Error).message}`
  }
  if (format.type === 'json_object') return isObject(value) ? undefined : 'the answer is JSON, but no object'
  return compileValidator(format.json_schema.schema ?? true)(value)
}
