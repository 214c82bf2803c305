// Looks for what cannot be honoured in a JSON schema, before any model is asked.
import type { ErrorObject } from 'ajv'
import { contradictionsIn } from './contradictions.ts'
import { ajvFor } from './dialect.ts'
import { limitProblem } from './limits.ts'
import { isRegularExpression } from './pattern.ts'
import type { SchemaProblem } from './problem.ts'
import { References } from './references.ts'
import { childrenOf, isObject, isSchema } from './schema.ts'
import type { JsonSchema, SchemaObject } from './schema.ts'
import { compileValidator } from './validator.ts'

const unsupported: Readonly<Record<string, string>> = {
  $dynamicRef: 'is not supported; use $ref',
  $recursiveRef: 'is not supported; use $ref',
  $async: 'is not supported; leave it out'
}

/** `path`: where the schema stands, in front of each problem's own. An empty list: it can be honoured. */
export function schemaProblems(schema: unknown, path = '#'): readonly SchemaProblem[] {
  const problems = problemsOf(schema)
  return path === '#' ? problems : problems.map(({ path: inside, keyword, reason }) => ({ path: `${path}${inside.slice(1)}`, keyword, reason }))
}

function problemsOf(schema: unknown): readonly SchemaProblem[] {
  if (!isSchema(schema)) return [{ path: '#', keyword: '$schema', reason: 'a schema is an object or true' }]
  if (schema === false) return [{ path: '#', keyword: '$schema', reason: 'nothing fits the schema false' }]
  const tooLarge = limitProblem(schema)
  if (tooLarge) return [tooLarge]
  const malformed = malformedIn(schema)
  if (malformed.length > 0) return malformed
  const problems = [...problemsWithin(schema, '#', new References(schema))]
  return problems.length > 0 ? problems : uncompilable(schema)
}

/** By the draft's own schema. */
function malformedIn(schema: JsonSchema): SchemaProblem[] {
  const ajv = ajvFor(schema)
  const dialect = String(ajv.defaultMeta())
  const { $schema: _dialect, ...rest } = schema as SchemaObject
  if (ajv.validate(dialect, typeof schema === 'boolean' ? schema : rest)) return []
  const error = deepest(ajv.errors ?? [])
  const parts = error.instancePath.split('/')
  const keyword = parts.findLast((part, index) => index > 0 && !/^\d+$/.test(part)) ?? '$schema'
  return [{ path: `#${error.instancePath.slice(0, Math.max(0, error.instancePath.lastIndexOf(`/${keyword}`)))}`, keyword, reason: `${keyword} ${error.message ?? 'is malformed'}` }]
}

/** Where several parts of the draft complain of one place, the deepest place tells most. */
function deepest(errors: readonly ErrorObject[]): ErrorObject {
  return errors.toSorted((a, b) => b.instancePath.length - a.instancePath.length)[0]!
}

function* problemsWithin(schema: JsonSchema, path: string, references: References): Generator<SchemaProblem> {
  if (typeof schema === 'boolean') return
  for (const [keyword, reason] of Object.entries(unsupported)) if (schema[keyword] !== undefined) yield { path, keyword, reason: `${keyword} ${reason}` }
  if (schema.$id !== undefined && path !== '#') yield { path, keyword: '$id', reason: '$id is not supported within a schema; use $defs' }
  if (typeof schema.$ref === 'string' && references.resolve(schema.$ref) === undefined) {
    yield { path, keyword: '$ref', reason: `$ref ${schema.$ref} is not in this schema; refer to #, #/$defs/… or #/definitions/…` }
  }
  for (const [keyword, pattern] of patternsOf(schema)) {
    if (!isRegularExpression(pattern)) yield { path, keyword, reason: `${pattern} is no valid regular expression` }
  }
  yield* contradictionsIn(schema, path)
  for (const { pointer, schema: child } of childrenOf(schema)) yield* problemsWithin(child, `${path}${pointer}`, references)
}

function patternsOf(schema: SchemaObject): (readonly [string, string])[] {
  const named = isObject(schema.patternProperties) ? Object.keys(schema.patternProperties) : []
  return [...typeof schema.pattern === 'string' ? [['pattern', schema.pattern] as const] : [], ...named.map((pattern) => ['patternProperties', pattern] as const)]
}

/** What the validator alone finds, such as nullable without a type. */
function uncompilable(schema: JsonSchema): SchemaProblem[] {
  try {
    compileValidator(schema)
    return []
  } catch (error) {
    const reason = (error as Error).message
    return [{ path: '#', keyword: /"?(nullable|\$ref|pattern|type|discriminator|\$anchor)"?/.exec(reason)?.[1] ?? '$schema', reason }]
  }
}
