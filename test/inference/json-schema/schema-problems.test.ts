import assert from 'node:assert/strict'
import { test } from 'node:test'
import { schemaLimits } from '../../../src/inference/json-schema/limits.ts'
import { schemaProblems } from '../../../src/inference/json-schema/schema-problems.ts'

const nested = (depth: number): object => depth === 0 ? { type: 'null' } : { type: 'array', items: nested(depth - 1) }
const properties = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, {}]))

const refused: readonly (readonly [string, unknown, string, string, RegExp])[] = [
  ['false', false, '#', '$schema', /nothing fits/],
  ['what is no schema', 3, '#', '$schema', /is an object or true/],
  ['an unknown type', { properties: { a: { type: 'strin' } } }, '#/properties/a', 'type', /allowed values/],
  ['a keyword of the wrong type', { anyOf: [{ minLength: '1' }] }, '#/anyOf/0', 'minLength', /must be integer/],
  ['a negative length', { minLength: -1 }, '#', 'minLength', />= 0/],
  ['a regular expression that is none', { items: { pattern: '(' } }, '#/items', 'pattern', /no valid regular expression/],
  ['a name pattern that is none', { patternProperties: { '[': true } }, '#', 'patternProperties', /./],
  ['lengths that cross', { minLength: 3, maxLength: 2 }, '#', 'minLength', /leaves nothing under maxLength 2/],
  ['bounds that cross', { exclusiveMinimum: 2, maximum: 2 }, '#', 'exclusiveMinimum', /leaves nothing/],
  ['an empty enum', { enum: [] }, '#', 'enum', /is empty/],
  ['a reference to another document', { $ref: 'https://example.org/schema' }, '#', '$ref', /not in this schema/],
  ['a reference to nothing', { properties: { a: { $ref: '#/$defs/b' } } }, '#/properties/a', '$ref', /not in this schema/],
  ['$dynamicRef', { $dynamicRef: '#x' }, '#', '$dynamicRef', /use \$ref/],
  ['$id within', { $defs: { a: { $id: 'x' } } }, '#/$defs/a', '$id', /use \$defs/],
  ['nullable without a type', { nullable: true }, '#', 'nullable', /without "type"/],
  ['more elements than any answer has', { minItems: 1e9 }, '#', 'minItems', /no answer reaches/],
  ['too many properties', { properties: properties(schemaLimits.propertiesOfOne + 1) }, '#', 'properties', /more than 500/],
  ['too many enum values', { enum: Array.from({ length: schemaLimits.enumValues + 1 }, (_, index) => index) }, '#', 'enum', /more than 2000/],
  ['schemas nested too deep', nested(schemaLimits.depth + 1), `#${'/items'.repeat(schemaLimits.depth + 1)}`, 'items', /more than 32 deep/]
]

for (const [title, schema, path, keyword, reason] of refused) {
  test(`refuses ${title}`, () => {
    const [problem] = schemaProblems(schema)
    assert.deepEqual([problem?.path, problem?.keyword], [path, keyword])
    assert.match(problem!.reason, reason)
  })
}

test('tells every problem, each with its place in the request', () => {
  const problems = schemaProblems({ properties: { a: { enum: [] }, b: { minItems: 2, maxItems: 1 } } }, 'response_format.json_schema.schema')
  assert.deepEqual(problems.map(({ path, keyword }) => [path, keyword]), [
    ['response_format.json_schema.schema/properties/a', 'enum'], ['response_format.json_schema.schema/properties/b', 'minItems']
  ])
})

test('annotations, references within and both drafts are fine', () => {
  const schemas = [
    true, {}, { $schema: 'https://json-schema.org/draft/2020-12/schema', $id: 'https://example.org/x', title: 'x', description: 'y', default: 1, examples: [1], deprecated: true, readOnly: true, $comment: 'z', 'x-own': 1 },
    { $schema: 'http://json-schema.org/draft-07/schema#', items: [{ type: 'null' }], additionalItems: false },
    { type: 'array', items: [{ $ref: '#/definitions/a' }], definitions: { a: { type: 'string', format: 'no-such-format' } } },
    { type: 'object', properties: { next: { $ref: '#' }, $ref: { type: 'string' } } }, { $ref: '#/$defs/a%20b', $defs: { 'a b': true } }, { pattern: '^[\\w\\-]+\\_$' }
  ]
  for (const schema of schemas) assert.deepEqual(schemaProblems(schema), [], JSON.stringify(schema))
})
