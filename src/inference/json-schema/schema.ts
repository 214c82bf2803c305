// What a JSON Schema is, and which other schemas stand in it.

/** `true` allows everything, `false` nothing. */
export type JsonSchema = boolean | SchemaObject

export type SchemaObject = { readonly [keyword: string]: unknown }

const single = ['additionalProperties', 'propertyNames', 'items', 'additionalItems', 'contains', 'not', 'if', 'then', 'else', 'unevaluatedItems', 'unevaluatedProperties']
const listed = ['allOf', 'anyOf', 'oneOf', 'prefixItems', 'items']
const named = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas', 'dependencies']

export function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'boolean' || isObject(value)
}

export function isObject(value: unknown): value is SchemaObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The schemas directly in it, each with its JSON pointer from there. */
export function* childrenOf(schema: JsonSchema): Generator<{ readonly pointer: string, readonly schema: JsonSchema }> {
  if (typeof schema === 'boolean') return
  for (const keyword of single) {
    const child = schema[keyword]
    if (isSchema(child)) yield { pointer: `/${keyword}`, schema: child }
  }
  for (const keyword of listed) yield* entriesOf(keyword, Array.isArray(schema[keyword]) ? schema[keyword] : [])
  for (const keyword of named) yield* entriesOf(keyword, isObject(schema[keyword]) ? schema[keyword] : {})
}

function* entriesOf(keyword: string, children: object): Generator<{ readonly pointer: string, readonly schema: JsonSchema }> {
  for (const [key, child] of Object.entries(children)) {
    if (isSchema(child)) yield { pointer: `/${keyword}/${escapePointer(key)}`, schema: child }
  }
}

export function escapePointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
}
