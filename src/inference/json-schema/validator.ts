// Says whether a value is what a JSON schema describes.
import type { ErrorObject } from 'ajv'
import { ajvFor } from './dialect.ts'
import { PatternTimeout } from './pattern.ts'
import type { JsonSchema } from './schema.ts'

/** @returns the first problem in words, with its path; undefined when there is none */
export type Validator = (value: unknown) => string | undefined

/** Throws an Error that says why a schema cannot be used; `schemaProblems` tells before. */
export function compileValidator(schema: JsonSchema): Validator {
  const validate = ajvFor(schema).compile(withoutDialect(schema))
  return (value) => {
    try {
      return validate(value) ? undefined : problemOf(validate.errors?.[0])
    } catch (error) {
      if (error instanceof PatternTimeout) return error.message
      throw error
    }
  }
}

/** The dialect is chosen already, and Ajv refuses names of it that it does not know. An `$id` would move its references. */
function withoutDialect(schema: JsonSchema): JsonSchema {
  if (typeof schema === 'boolean') return schema
  const { $schema: _dialect, $id: _id, ...rest } = schema
  return rest
}

function problemOf(error: ErrorObject | undefined): string {
  if (error === undefined) return 'it does not fit the schema'
  const { instancePath, message, params } = error as ErrorObject & { params: Record<string, unknown> }
  const extra = params.additionalProperty ?? params.unevaluatedProperty
  const allowed = params.allowedValues ?? (params.allowedValue === undefined ? undefined : [params.allowedValue])
  const details = extra !== undefined ? ` (${String(extra)})` : Array.isArray(allowed) ? ` (${JSON.stringify(allowed).slice(0, 200)})` : ''
  return `${instancePath === '' ? 'the answer' : instancePath} ${message ?? 'is not valid'}${details}`
}
