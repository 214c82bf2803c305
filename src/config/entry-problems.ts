// Reads one entry of the YAML file with its schema and puts what is wrong into the words of the configuration's problems.
import type { z } from 'zod'
import { factsOfKey } from './file-schema.ts'
import { quoteText } from './problem.ts'
import type { ConfigProblem } from './problem.ts'
import type { Plain } from './references.ts'

export type EntryReading<T> = { value: T, problems: [] } | { value: undefined, problems: ConfigProblem[] }

/**
 * @param path of the entry, such as backends.vllm
 * @param value the entry with its references replaced
 * @param written the entry as it stands in the file: what is quoted, so that no value of the environment is
 */
export function readEntry<S extends z.ZodObject>(schema: S, path: string, value: Plain, written: Plain): EntryReading<z.output<S>> {
  if (!isMap(value)) return { value: undefined, problems: [{ name: path, expected: `a map with ${Object.keys(schema.shape).join(', ')}`, received: quote(written) }] }
  const { data, error } = schema.safeParse(value)
  if (data !== undefined) return { value: data, problems: [] }
  const unknown = error!.issues.flatMap((issue) => issue.code === 'unrecognized_keys' ? issue.keys : [])
  const wrong = new Set(error!.issues.flatMap(({ path: [key] }) => key === undefined ? [] : String(key)))
  return {
    value: undefined,
    problems: [
      ...[...wrong].map((key) => problemOf(schema, path, key, (written as Record<string, Plain>)[key])),
      ...unknown.map((key) => ({ name: `${path}.${key}`, expected: `one of the keys ${Object.keys(schema.shape).join(', ')}`, received: JSON.stringify(key) }))
    ]
  }
}

export function isMap(value: Plain | undefined): value is { [key: string]: Plain } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A value for an error message; maps are only named, because they may hold secrets. */
export function quote(value: Plain | undefined): string {
  if (value === undefined || value === null) return 'nothing'
  if (isMap(value)) return 'a map'
  if (Array.isArray(value)) return value.every((item) => typeof item === 'string') ? JSON.stringify(value) : 'a list'
  return typeof value === 'string' ? quoteText(value) : String(value)
}

function problemOf(schema: z.ZodObject, path: string, key: string, written: Plain | undefined): ConfigProblem {
  const { expected = 'another value', secret = false } = factsOfKey(schema, key) ?? {}
  return { name: `${path}.${key}`, expected, received: secret && written !== undefined && written !== null ? '(hidden)' : quote(written) }
}
