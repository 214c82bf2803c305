// How large a schema may be, so that neither checking nor a grammar of it takes the service's time.
import { childrenOf, isObject } from './schema.ts'
import type { JsonSchema } from './schema.ts'
import type { SchemaProblem } from './problem.ts'

export const schemaLimits = { characters: 200_000, depth: 32, schemas: 5000, propertiesOfOne: 500, properties: 2000, enumValues: 2000, repetitions: 10_000 } as const

type Sizes = { schemas: number, properties: number, enumValues: number }

/** The first limit that a schema exceeds. */
export function limitProblem(schema: JsonSchema): SchemaProblem | undefined {
  const sizes: Sizes = { schemas: 0, properties: 0, enumValues: 0 }
  return exceeded(schema, '#', 0, sizes) ?? (JSON.stringify(schema).length > schemaLimits.characters
    ? { path: '#', keyword: '$schema', reason: `the schema is longer than ${schemaLimits.characters} characters` } : undefined)
}

function exceeded(schema: JsonSchema, path: string, depth: number, sizes: Sizes): SchemaProblem | undefined {
  if (typeof schema === 'boolean') return undefined
  const own = isObject(schema.properties) ? Object.keys(schema.properties).length : 0
  sizes.schemas++
  sizes.properties += own
  sizes.enumValues += Array.isArray(schema.enum) ? schema.enum.length : 0
  const problem = (keyword: string, reason: string): SchemaProblem => ({ path, keyword, reason })
  if (depth > schemaLimits.depth) return problem(path.split('/').at(-2) ?? 'properties', `schemas are nested more than ${schemaLimits.depth} deep`)
  if (sizes.schemas > schemaLimits.schemas) return problem(path.split('/').at(-2) ?? 'properties', `the schema consists of more than ${schemaLimits.schemas} schemas`)
  if (own > schemaLimits.propertiesOfOne) return problem('properties', `an object has more than ${schemaLimits.propertiesOfOne} properties`)
  if (sizes.properties > schemaLimits.properties) return problem('properties', `the schema has more than ${schemaLimits.properties} properties in all`)
  if (sizes.enumValues > schemaLimits.enumValues) return problem('enum', `the schema has more than ${schemaLimits.enumValues} enum values in all`)
  for (const { pointer, schema: child } of childrenOf(schema)) {
    const found = exceeded(child, `${path}${pointer}`, depth + 1, sizes)
    if (found) return found
  }
  return undefined
}
