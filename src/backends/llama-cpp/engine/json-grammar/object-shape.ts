// What properties an object has: those that its schema names, and what others it may have.
import { regularExpression } from '../../../../inference/json-schema/pattern.ts'
import { isObject, isSchema, escapePointer } from '../../../../inference/json-schema/schema.ts'
import type { JsonSchema, SchemaObject } from '../../../../inference/json-schema/schema.ts'
import { choice, literal, sequence } from './expression.ts'
import type { Expression } from './expression.ts'
import { colon, longestKey, quoted } from './json-text.ts'
import { textOfPattern } from './pattern-text.ts'
import type { Place, SchemaRules } from './schema-rules.ts'
import { otherThan } from './text-trie.ts'

export type NamedProperty = { readonly pair: Expression | undefined, readonly isRequired: boolean }

/** In the schema's order; behind them those that it requires without naming them. */
export function namedProperties(schema: SchemaObject, place: Place, rules: SchemaRules): NamedProperty[] {
  const { properties, patternProperties, additionalProperties } = schema
  const named = isObject(properties) ? properties : {}
  const required = Array.isArray(schema.required) ? schema.required.map(String) : []
  return [...new Set([...Object.keys(named), ...required])].map((name) => {
    const own = Object.hasOwn(named, name) ? [named[name]] : []
    const matching = [...own, ...Object.entries(isObject(patternProperties) ? patternProperties : {}).filter(([pattern]) => matches(pattern, name)).map(([, inside]) => inside)]
    const inside = (matching.length === 0 ? additionalProperties ?? true : matching.length === 1 ? matching[0] : { allOf: matching }) as JsonSchema
    const value = rules.of(inside, { ...place, path: `${place.path}/properties/${escapePointer(name)}` })
    return { pair: sequence(literal(JSON.stringify(name)), colon, value), isRequired: required.includes(name) }
  })
}

/** A property that the schema does not name; undefined when there are to be none, as where it names some and says nothing of others. */
export function otherProperty(schema: SchemaObject, place: Place, rules: SchemaRules): Expression | undefined {
  const { patternProperties, propertyNames, properties } = schema
  const patterns = isObject(patternProperties) ? Object.entries(patternProperties) : []
  const names = isObject(properties) ? Object.keys(properties) : []
  const additional = schema.additionalProperties ?? (names.length === 0 && patterns.length === 0 && !Array.isArray(schema.required))
  if (propertyNames !== undefined && (names.length > 0 || patterns.length > 0)) rules.leaveUnchecked(place, 'propertyNames')
  if (!areEnforced(patterns, names, additional)) rules.leaveUnchecked(place, 'patternProperties')
  const inside = isSchema(additional) ? rules.of(additional, { ...place, path: `${place.path}/additionalProperties` }) : undefined
  return choice([
    ...patterns.map(([pattern, value]) => patternProperty(pattern, value as JsonSchema, place, rules)),
    sequence(inside === undefined ? undefined : keyOf(schema, names, place, rules), colon, inside)
  ])
}

function patternProperty(pattern: string, value: JsonSchema, place: Place, rules: SchemaRules): Expression | undefined {
  const text = textOfPattern(pattern, rules.builder.bounds.patternRepeats)
  const inside = rules.of(value, { ...place, path: `${place.path}/patternProperties/${escapePointer(pattern)}` })
  return sequence(text === undefined ? rules.any.key() : quoted(text), colon, inside)
}

function keyOf({ propertyNames, required }: SchemaObject, names: readonly string[], place: Place, rules: SchemaRules): Expression | undefined {
  if (propertyNames !== undefined) return rules.of({ allOf: [{ type: 'string' }, propertyNames] }, { ...place, path: `${place.path}/propertyNames` })
  return rules.builder.addRule(quoted(otherThan([...names, ...Array.isArray(required) ? required.map(String) : []], longestKey)))
}

/** A name that two schemas speak of is left to the validator. */
function areEnforced(patterns: readonly (readonly [string, unknown])[], names: readonly string[], additional: unknown): boolean {
  if (patterns.length === 0) return true
  const [pattern] = patterns[0]!
  return patterns.length === 1 && additional === false && textOfPattern(pattern, 1) !== undefined && !names.some((name) => matches(pattern, name))
}

function matches(pattern: string, name: string): boolean {
  return regularExpression(pattern).test(name)
}
