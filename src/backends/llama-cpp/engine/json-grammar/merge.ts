// The schema that allows what two schemas both allow.
import { isDeepStrictEqual } from 'node:util'
import { isObject } from '../../../../inference/json-schema/schema.ts'
import type { JsonSchema, SchemaObject } from '../../../../inference/json-schema/schema.ts'

/** `lost`: keywords of which only the first one's count. */
export type Merged = { readonly schema: SchemaObject, readonly lost: readonly string[] }

const largest = new Set(['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties', 'minContains'])
const smallest = new Set(['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties', 'maxContains'])
const ofObjects = new Set(['properties', 'additionalProperties'])
const ofBoth = new Set(['items', 'propertyNames', 'contains'])

/** Undefined when they contradict each other. */
export function merge(first: SchemaObject, second: SchemaObject): Merged | undefined {
  const schema: Record<string, unknown> = { ...first }
  const lost: string[] = []
  for (const [keyword, theirs] of Object.entries(second)) {
    const ours = schema[keyword]
    if (ofObjects.has(keyword)) continue
    if (ours === undefined) schema[keyword] = theirs
    else if (largest.has(keyword)) schema[keyword] = Math.max(Number(ours), Number(theirs))
    else if (smallest.has(keyword)) schema[keyword] = Math.min(Number(ours), Number(theirs))
    else if (keyword === 'required') schema.required = [...new Set([...ours as string[], ...theirs as string[]])]
    else if (keyword === 'enum') schema.enum = (ours as unknown[]).filter((value) => (theirs as unknown[]).some((other) => isDeepStrictEqual(value, other)))
    else if (keyword === 'type') schema.type = commonTypes(typesOf(ours), typesOf(theirs))
    else if (ofBoth.has(keyword)) schema[keyword] = { allOf: [ours, theirs] }
    else if (!isDeepStrictEqual(ours, theirs)) lost.push(keyword)
  }
  if ((Array.isArray(schema.type) && schema.type.length === 0) || (Array.isArray(schema.enum) && schema.enum.length === 0)) return undefined
  return { schema: { ...schema, ...mergedObjects(first, second) }, lost }
}

export function typesOf(type: unknown): readonly string[] {
  return Array.isArray(type) ? type : [String(type)]
}

function commonTypes(ours: readonly string[], theirs: readonly string[]): string[] {
  const has = (types: readonly string[], type: string) => types.includes(type) || (type === 'integer' && types.includes('number'))
  return [...new Set([...ours, ...theirs])].filter((type) => has(ours, type) && has(theirs, type))
}

/** What one of them does not name falls under its additionalProperties. */
function mergedObjects(first: SchemaObject, second: SchemaObject): SchemaObject {
  const named = [first, second].map(({ properties }) => isObject(properties) ? properties : {}) as [SchemaObject, SchemaObject]
  const others = [first.additionalProperties, second.additionalProperties] as const
  const keys = new Set([...Object.keys(named[0]), ...Object.keys(named[1])])
  const of = (side: 0 | 1, key: string): unknown => Object.hasOwn(named[side], key) ? named[side][key] : others[side]
  const properties = Object.fromEntries([...keys].map((key) => [key, both(of(0, key), of(1, key))]))
  const additionalProperties = both(...others)
  return { ...keys.size > 0 && { properties }, ...additionalProperties !== undefined && { additionalProperties } }
}

function both(ours: unknown, theirs: unknown): JsonSchema | undefined {
  if (ours === undefined || theirs === undefined) return (ours ?? theirs) as JsonSchema | undefined
  if (ours === false || theirs === false) return false
  return isDeepStrictEqual(ours, theirs) ? ours as JsonSchema : { allOf: [ours, theirs] }
}
