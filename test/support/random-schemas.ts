// Random JSON schemas of the keywords that the grammars enforce, small enough for a model's answer to each.
import * as fc from 'fast-check'
import type { JsonSchema } from '../../src/inference/json-schema/schema.ts'

type Schema = fc.Arbitrary<JsonSchema>

const names = fc.constantFrom('a', 'b', 'name', 'naïve key', 'say "hi"', 'x/y', 'count', '_id', 'ü😀')
const scalars = fc.oneof(fc.constantFrom(null, true, false), fc.integer({ min: -99, max: 99 }), fc.string({ maxLength: 6, unit: 'grapheme' }))
const patterns = ['^[a-z]{2,4}$', '^(red|green)-\\d{1,2}$', '^\\w+@\\w{1,3}$', 'x', '^[^a-z"]?z$', '^\\\\d"?$', '^(a|b){1,3}(c?)$']

const strings: Schema = fc.oneof(
  fc.tuple(fc.nat(3), fc.nat(5)).map(([minLength, more]) => ({ type: 'string', minLength, maxLength: minLength + more })),
  fc.constantFrom('date', 'time', 'date-time', 'uuid', 'email', 'ipv4', 'hostname').map((format) => ({ type: 'string', format })),
  fc.constantFrom(...patterns).map((pattern) => ({ type: 'string', pattern }))
)

const bounds = (integer: boolean): Schema => fc.tuple(fc.integer({ min: -2000, max: 2000 }), fc.nat(3000), fc.constantFrom(1, 10, 1000), fc.boolean(), fc.boolean()).map(([low, span, by, isLowOpen, isHighOpen]) => {
  const [from, to] = integer ? [low, low + span + 2] : [low / by, (low + span + 2) / by]
  return { type: integer ? 'integer' : 'number', [isLowOpen ? 'exclusiveMinimum' : 'minimum']: from, [isHighOpen ? 'exclusiveMaximum' : 'maximum']: to }
})

const numbers: Schema = fc.oneof(bounds(true), bounds(false), fc.constantFrom('integer', 'number').map((type) => ({ type })), fc.constantFrom(2, 7).map((multipleOf) => ({ type: 'integer', minimum: -20, maximum: 50, multipleOf })))
const choices: Schema = fc.oneof(fc.uniqueArray(scalars, { minLength: 1, maxLength: 5 }).map((values) => ({ enum: values })), fc.jsonValue({ maxDepth: 1, noUnicodeString: false }).map((value) => ({ const: value })))
const leaves: Schema = fc.oneof(strings, numbers, choices, fc.constantFrom({ type: 'boolean' }, { type: ['boolean', 'null'] }, { type: 'integer', nullable: true, minimum: 0, maximum: 9 }))

function objectOf(inside: Schema): Schema {
  const properties = fc.dictionary(names, inside, { minKeys: 1, maxKeys: 3, noNullPrototype: true })
  return fc.tuple(properties, fc.nat(7), fc.constantFrom({}, { additionalProperties: false, maxProperties: 4 }, { additionalProperties: { type: 'boolean' }, maxProperties: 4 }), fc.nat(1)).map(([named, required, others, minProperties]) => Object.assign({
    type: 'object', properties: named, required: Object.keys(named).filter((_, index) => required >> index & 1), minProperties
  }, others))
}

function arrayOf(inside: Schema): Schema {
  return fc.oneof(
    fc.tuple(inside, fc.nat(2), fc.nat(1)).map(([items, minItems, more]) => ({ type: 'array', items, minItems, maxItems: minItems + more })),
    fc.tuple(fc.array(inside, { minLength: 1, maxLength: 2 }), fc.constantFrom(false, { type: 'null' })).map(([prefixItems, items]) => ({ type: 'array', prefixItems, items, maxItems: 3 }))
  )
}

function combinationOf(inside: Schema): Schema {
  const pair = fc.tuple(inside, inside)
  return fc.oneof(
    pair.map((anyOf) => ({ anyOf })),
    pair.map(([left, right]) => ({ allOf: [{ type: 'object', properties: { left }, required: ['left'] }, { properties: { right }, required: ['right'] }] }))
  )
}

/** Definitions stand at the root, where references find them. */
export const randomSchemas: Schema = fc.oneof(
  { arbitrary: objectOf(fc.oneof(leaves, leaves, objectOf(leaves), arrayOf(leaves), combinationOf(leaves))), weight: 6 },
  { arbitrary: arrayOf(fc.oneof(leaves, objectOf(leaves))), weight: 2 },
  { arbitrary: leaves, weight: 2 },
  { arbitrary: objectOf(leaves).map((own) => ({ type: 'array', items: { $ref: '#/$defs/own' }, minItems: 1, maxItems: 2, $defs: { own } })), weight: 1 },
  { arbitrary: leaves.map((value) => ({ type: 'object', properties: { value, next: { $ref: '#' } }, required: ['value'] })), weight: 1 }
)
