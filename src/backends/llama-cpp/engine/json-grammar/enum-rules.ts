// Rules for a choice between given values.
import { regularExpression } from '../../../../inference/json-schema/pattern.ts'
import { isObject } from '../../../../inference/json-schema/schema.ts'
import type { SchemaObject } from '../../../../inference/json-schema/schema.ts'
import type { Expression } from './expression.ts'
import { textOf } from './json-text.ts'
import { typesOf } from './merge.ts'
import type { Place, SchemaRules } from './schema-rules.ts'
import { oneOfTexts } from './text-trie.ts'

const annotations = new Set(['type', 'enum', 'title', 'description', 'default', 'examples', 'deprecated', '$comment', '$schema', '$id', '$defs', 'definitions'])
const enforced: Readonly<Record<string, (value: unknown, bound: never) => boolean>> = {
  minimum: (value, bound: number) => typeof value !== 'number' || value >= bound,
  maximum: (value, bound: number) => typeof value !== 'number' || value <= bound,
  exclusiveMinimum: (value, bound: number) => typeof value !== 'number' || value > bound,
  exclusiveMaximum: (value, bound: number) => typeof value !== 'number' || value < bound,
  minLength: (value, bound: number) => typeof value !== 'string' || Array.from(value).length >= bound,
  maxLength: (value, bound: number) => typeof value !== 'string' || Array.from(value).length <= bound,
  pattern: (value, bound: string) => typeof value !== 'string' || regularExpression(bound).test(value)
}

/** Those of the values that the schema's other keywords allow; what a comparison cannot say is left to the validator. */
export function enumOf(schema: SchemaObject, values: readonly unknown[], place: Place, rules: SchemaRules): Expression | undefined {
  const types = schema.type === undefined ? undefined : typesOf(schema.type)
  const others = Object.keys(schema).filter((keyword) => !annotations.has(keyword))
  for (const keyword of others) if (!Object.hasOwn(enforced, keyword)) rules.leaveUnchecked(place, keyword)
  const fitting = values.filter((value) => (types === undefined || types.some((type) => isOfType(value, type)))
    && others.every((keyword) => !Object.hasOwn(enforced, keyword) || enforced[keyword]!(value, schema[keyword] as never)))
  return oneOfTexts(fitting.map(textOf))
}

function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case 'null': return value === null
    case 'array': return Array.isArray(value)
    case 'object': return isObject(value)
    case 'integer': return Number.isInteger(value)
    default: return typeof value === type
  }
}
