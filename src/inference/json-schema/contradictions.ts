// Keywords that nothing can satisfy, or that ask for more than any answer holds.
import { schemaLimits } from './limits.ts'
import type { SchemaProblem } from './problem.ts'
import type { SchemaObject } from './schema.ts'

const pairs = [['minLength', 'maxLength'], ['minItems', 'maxItems'], ['minProperties', 'maxProperties'], ['minimum', 'maximum']] as const
const exclusives = [['exclusiveMinimum', 'maximum'], ['minimum', 'exclusiveMaximum'], ['exclusiveMinimum', 'exclusiveMaximum']] as const

export function contradictionsIn(schema: SchemaObject, path: string): SchemaProblem[] {
  const crossed = [
    ...pairs.filter(([low, high]) => numberOf(schema[low]) > numberOf(schema[high])),
    ...exclusives.filter(([low, high]) => numberOf(schema[low]) >= numberOf(schema[high]))
  ].map(([low, high]) => ({ path, keyword: low, reason: `${low} ${String(schema[low])} leaves nothing under ${high} ${String(schema[high])}` }))
  const endless = ['minLength', 'minItems', 'minProperties'].filter((keyword) => numberOf(schema[keyword]) > schemaLimits.repetitions)
    .map((keyword) => ({ path, keyword, reason: `${keyword} is more than ${schemaLimits.repetitions}, which no answer reaches` }))
  const empty = ['enum', 'anyOf', 'oneOf', 'type'].filter((keyword) => Array.isArray(schema[keyword]) && schema[keyword].length === 0)
    .map((keyword) => ({ path, keyword, reason: `${keyword} is empty, so nothing fits` }))
  return [...crossed, ...endless, ...empty]
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : NaN
}
