import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Llama } from 'node-llama-cpp'
import { defaultBounds } from '../../../../../src/backends/llama-cpp/engine/json-grammar/bounds.ts'
import { literal } from '../../../../../src/backends/llama-cpp/engine/json-grammar/expression.ts'
import { GrammarBuilder } from '../../../../../src/backends/llama-cpp/engine/json-grammar/grammar-builder.ts'
import { grammarOfSchema, jsonGrammar } from '../../../../../src/backends/llama-cpp/engine/json-grammar/grammar-of-schema.ts'
import type { JsonSchema } from '../../../../../src/inference/json-schema/schema.ts'
import { accepts, assertAccepts, startLlama } from '../../../../support/json-grammar.ts'

let llama: Llama
before(async () => { llama = await startLlama() })
after(() => llama.dispose())

const tree = { type: 'object', properties: { value: { type: 'integer' }, children: { type: 'array', items: { $ref: '#' } } }, required: ['value'] }
const list = { $ref: '#/$defs/node', $defs: { node: { type: 'object', properties: { next: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] } }, required: ['next'] } } }
const three = { type: 'object', properties: { a: { type: 'null' }, b: { type: 'null' }, c: { type: 'null' } } }

/** Schema, texts that it allows, texts that it does not. */
const cases: readonly (readonly [string, JsonSchema, readonly string[], readonly string[]])[] = [
  ['type string', { type: 'string' }, ['""', '"a b"', String.raw`"\"\\\n\u00e9\ud83d\ude00"`, '"é😀"'], ['a', '"', '"a', '"\n"', String.raw`"\x"`, String.raw`"\ud83d"`, String.raw`"\ude00"`, '"\u0001"', '1']],
  ['type boolean', { type: 'boolean' }, ['true', 'false'], ['True', '0', 'null']],
  ['type null', { type: 'null' }, ['null'], ['""', 'nul']],
  ['type number', { type: 'number' }, ['0', '-1.5', '12e3', '1.25E-7', '123456789012345'], ['01', '.5', '1.', '+1', '--1', 'NaN', '1234567890123456']],
  ['type integer', { type: 'integer' }, ['0', '-7', '123456789012345'], ['-0', '1.0', '1e3', '007', '1234567890123456']],
  ['a list of types', { type: ['string', 'null'] }, ['"a"', 'null'], ['1', '{}']],
  ['nullable', { type: 'integer', nullable: true }, ['1', 'null'], ['"a"']],
  ['no type at all', {}, ['1', '"a"', '{"a": [1, {}]}', '[]', 'null'], ['', 'a', '{a:1}', '[1,]']],
  ['keywords without a type', { properties: { a: { minimum: 3 } }, required: ['a'] }, ['{"a":3}'], ['{"a":2}', '{}']],
  ['enum', { enum: ['red', 'reed', 'green', 1, null, true, { a: [1, 'b'] }] }, ['"red"', '"reed"', '"green"', '1', 'null', 'true', '{"a": [1, "b"]}'], ['"re"', 'red', '"blue"', '2', '{}']],
  ['enum and type', { type: 'string', enum: ['a', 1, null], maxLength: 1 }, ['"a"'], ['1', 'null']],
  ['const', { const: { 'say "hi"\n': ['é', -1.5] } }, [String.raw`{"say \"hi\"\n": ["é", -1.5]}`], ['{}', '"é"']],
  ['required and optional properties', { ...three, required: ['b'] }, ['{"b":null}', '{"a": null, "b": null}', '{"b":null,"c":null}', '{"a":null,"b":null,"c":null}'], ['{}', '{"a":null}', '{"c":null,"b":null}', '{"b":null,}', '{,"b":null}', '{"b":null,"d":1}', '{"b":null,"b":null}']],
  ['all properties optional', three, ['{}', '{"c":null}', '{"a":null,"c":null}'], ['{"c":null,"a":null}', '{"d":null}', '{\n}', '{ }']],
  ['a required property that is not named', { type: 'object', required: ['x'] }, ['{"x":1}', '{"x":[]}'], ['{}', '{"y":1}']],
  ['an impossible property', { type: 'object', properties: { a: false, b: { type: 'null' } } }, ['{}', '{"b":null}'], ['{"a":1}']],
  ['additionalProperties true', { type: 'object', properties: { ab: { type: 'null' } }, additionalProperties: true }, ['{}', '{"ab":null,"x":1}', '{"a":1,"abc":2}'], ['{"ab":1}', '{"x":1,"ab":2}', '{"":1}']],
  ['additionalProperties false', { ...three, additionalProperties: false }, ['{"a":null}'], ['{"x":1}']],
  ['additionalProperties as a schema', { type: 'object', additionalProperties: { type: 'integer' } }, ['{}', '{"a": 1, "b": 2}'], ['{"a":"b"}', '{"a":1,}']],
  ['minProperties and maxProperties', { ...three, minProperties: 1, maxProperties: 2 }, ['{"a":null}', '{"b":null,"c":null}'], ['{}', '{"a":null,"b":null,"c":null}']],
  ['minProperties of others', { type: 'object', additionalProperties: { type: 'null' }, minProperties: 1, maxProperties: 2 }, ['{"x":null}', '{"x":null,"y":null}'], ['{}', '{"x":null,"y":null,"z":null}']],
  ['patternProperties', { type: 'object', patternProperties: { '^x-[a-z]+$': { type: 'integer' } }, additionalProperties: false }, ['{}', '{"x-a":1}'], ['{"a":1}', '{"x-a":"b"}']],
  ['propertyNames', { type: 'object', propertyNames: { enum: ['a', 'b'] }, additionalProperties: { type: 'null' } }, ['{"b":null}'], ['{"c":null}']],
  ['items', { type: 'array', items: { type: 'integer' } }, ['[]', '[1]', '[1, 2,3]'], ['["a"]', '[1,]', '[,1]', '[1 ,2]']],
  ['minItems and maxItems', { type: 'array', items: { type: 'null' }, minItems: 1, maxItems: 2 }, ['[null]', '[null,null]'], ['[]', '[null,null,null]']],
  ['impossible items', { type: 'array', items: false }, ['[]'], ['[1]']],
  ['prefixItems', { type: 'array', prefixItems: [{ type: 'null' }, { type: 'boolean' }] }, ['[null,true]'], ['[true,null]', '[null,true,1]']],
  ['prefixItems and items', { type: 'array', prefixItems: [{ type: 'null' }], items: { type: 'boolean' }, minItems: 2, maxItems: 3 }, ['[null,true]', '[null,true,false]'], ['[null]', '[null,1]', '[null,true,true,true]']],
  ['a tuple of draft 7', { type: 'array', items: [{ type: 'null' }, { type: 'boolean' }], additionalItems: { type: 'integer' } }, ['[null,true]', '[null,true,1]'], ['[true]', '[null,true,"a"]']],
  ['minLength and maxLength', { type: 'string', minLength: 2, maxLength: 3 }, ['"ab"', '"a😀c"', String.raw`"\n\ud83d\ude00"`], ['"a"', '"abcd"']],
  ['long texts', { type: 'string', minLength: 1200, maxLength: 1300 }, [`"${'a'.repeat(1200)}"`, `"${'a'.repeat(1300)}"`], [`"${'a'.repeat(1199)}"`, `"${'a'.repeat(1301)}"`]],
  ['format date', { type: 'string', format: 'date' }, ['"2024-02-29"', '"2000-02-29"', '"1999-12-31"'], ['"2023-02-29"', '"1900-02-29"', '"2024-04-31"', '"2024-13-01"', '"2024-1-1"']],
  ['format time', { type: 'string', format: 'time' }, ['"23:59:59Z"', '"00:00:00.5+01:30"'], ['"24:00:00Z"', '"12:00Z"', '"12:00:00"']],
  ['format date-time', { type: 'string', format: 'date-time' }, ['"2024-02-29T12:00:00Z"'], ['"2024-02-30T12:00:00Z"', '"2024-02-29 12:00:00Z"']],
  ['format uuid', { type: 'string', format: 'uuid' }, ['"123e4567-e89b-12d3-a456-426614174000"'], ['"123e4567-e89b-12d3-a456-42661417400"', '"g23e4567-e89b-12d3-a456-426614174000"']],
  ['format email', { type: 'string', format: 'email' }, ['"a.b+c@example.org"'], ['"a"', '"a@b"', '"@b.c"']],
  ['format ipv4', { type: 'string', format: 'ipv4' }, ['"127.0.0.1"', '"255.255.255.255"'], ['"256.0.0.1"', '"1.2.3"', '"01.2.3.4"']],
  ['pattern', { type: 'string', pattern: '^[A-Z]{2,3}-\\d+(\\.\\d{1,2})?$' }, ['"AB-1"', '"ABC-123.45"'], ['"A-1"', '"AB-"', '"AB-1."', '"xAB-1"']],
  ['pattern with a choice and escapes', { type: 'string', pattern: '^(?:a|b"|\\\\)$' }, ['"a"', String.raw`"b\""`, String.raw`"\\"`], ['"b"', '"c"']],
  ['pattern without anchors', { type: 'string', pattern: 'ab|^c' }, ['"ab"', '"xxabyy"', '"cd"'], ['"a"', '"xc"']],
  ['pattern with a negated class', { type: 'string', pattern: '^[^a-y\\s]+$' }, ['"z"', '"Z1"', '"é"'], ['"a"', '"z z"', '""']],
  ['anyOf', { anyOf: [{ type: 'integer' }, { type: 'object', properties: { a: { type: 'null' } }, required: ['a'] }] }, ['1', '{"a":null}'], ['"a"', '{}']],
  ['anyOf beside other keywords', { type: 'object', properties: { a: { type: 'null' }, b: { type: 'null' } }, anyOf: [{ required: ['a'] }, { required: ['b'] }] }, ['{"a":null}', '{"b":null}', '{"a":null,"b":null}'], ['{}']],
  ['oneOf', { oneOf: [{ const: 'a' }, { type: 'integer', maximum: 3, minimum: 1 }] }, ['"a"', '2'], ['"b"', '4']],
  ['allOf', { allOf: [{ type: 'object', properties: { a: { type: 'integer' } }, required: ['a'] }, { properties: { a: { minimum: 5, maximum: 7 }, b: { type: 'null' } } }] }, ['{"a":5}', '{"a":7,"b":null}'], ['{"a":4}', '{"b":null}', '{"a":8}']],
  ['allOf with a closed object', { allOf: [{ type: 'object', properties: { a: { type: 'null' } }, additionalProperties: false }, { properties: { b: { type: 'null' } } }] }, ['{}', '{"a":null}'], ['{"b":null}']],
  ['$ref to $defs', { $ref: '#/$defs/a~1b', $defs: { 'a/b': { type: 'null' } } }, ['null'], ['1']],
  ['$ref to definitions', { type: 'array', items: { $ref: '#/definitions/x' }, definitions: { x: { type: 'null' } } }, ['[null]'], ['[1]']],
  ['$ref beside other keywords', { $ref: '#/$defs/n', maximum: 3, $defs: { n: { type: 'integer', minimum: 1 } } }, ['1', '3'], ['0', '4']],
  ['$ref to the whole', tree, ['{"value":1}', '{"value": 1, "children": [{"value": 2, "children": []}]}'], ['{"children":[]}', '{"value":1,"children":[1]}']],
  ['$ref to what contains it', list, ['{"next":null}', '{"next": {"next": {"next": null}}}'], ['{}', '{"next":1}']],
  ['true', true, ['1', '{"a":"b"}'], ['x']]
]

for (const [title, schema, right, wrong] of cases) {
  test(`the grammar keeps to ${title}`, () => assertAccepts(llama, schema, right, wrong))
}

test('whole numbers keep to their bounds exactly', async () => {
  for (const [minimum, maximum] of [[0, 0], [0, 9], [3, 27], [10, 99], [95, 105], [-7, 12], [-120, -9], [-1, 0], [7, 130]] as const) {
    const { grammar } = grammarOfSchema({ type: 'integer', minimum, maximum })
    for (let value = -140; value <= 140; value++) {
      assert.equal(await accepts(llama, grammar, String(value)), value >= minimum && value <= maximum, `${value} in ${minimum} to ${maximum}`)
    }
  }
})

test('large and open bounds of whole numbers hold', async () => {
  await assertAccepts(llama, { type: 'integer', minimum: 5 }, ['5', '10', '999999999999999'], ['4', '-5', '0'])
  await assertAccepts(llama, { type: 'integer', exclusiveMaximum: 0 }, ['-1', '-42'], ['0', '1'])
  await assertAccepts(llama, { type: 'integer', minimum: 1_700_000_000_000, maximum: 1_700_000_000_999 }, ['1700000000000', '1700000000512'], ['1699999999999', '1700000001000'])
  await assertAccepts(llama, { type: 'integer', minimum: 0.5, maximum: 2.5 }, ['1', '2'], ['0', '3'])
})

test('decimal numbers keep to their bounds exactly', async () => {
  const bounds = [
    { minimum: 0, maximum: 1 }, { exclusiveMinimum: 0, exclusiveMaximum: 1 }, { minimum: 0.25, maximum: 0.75 }, { minimum: -1.5, maximum: 1.5 }, { minimum: -2.25, exclusiveMaximum: -1.1 },
    { exclusiveMinimum: 0.5, maximum: 12 }, { minimum: 1.95, maximum: 2.05 }
  ]
  for (const bound of bounds) {
    const { grammar } = grammarOfSchema({ type: 'number', ...bound })
    const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = bound as Record<string, number>
    for (let hundredths = -300; hundredths <= 300; hundredths += 5) {
      const value = hundredths / 100
      const isWithin = value >= (minimum ?? -9) && value <= (maximum ?? 9) && value > (exclusiveMinimum ?? -9) && value < (exclusiveMaximum ?? 99)
      assert.equal(await accepts(llama, grammar, String(value)), isWithin, `${value} in ${JSON.stringify(bound)}`)
    }
  }
})

test('few multiples are told one by one', () => assertAccepts(llama, { type: 'integer', minimum: -10, maximum: 20, multipleOf: 5 }, ['-10', '0', '15', '20'], ['1', '-15', '25', '12']))

test('what has no end in its schema has one in the grammar', async () => {
  const { textLength, items, extraProperties, recursion } = defaultBounds
  const nested = (depth: number): string => depth === 0 ? '{"next":null}' : `{"next":${nested(depth - 1)}}`
  const object = (count: number) => JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, null])))
  await assertAccepts(llama, { type: 'string' }, [`"${'a'.repeat(textLength)}"`], [`"${'a'.repeat(textLength + 1)}"`])
  await assertAccepts(llama, { type: 'array', items: { type: 'null' } }, [JSON.stringify(Array(items).fill(null))], [JSON.stringify(Array(items + 1).fill(null))])
  await assertAccepts(llama, { type: 'object', additionalProperties: { type: 'null' } }, [object(extraProperties)], [object(extraProperties + 1)])
  await assertAccepts(llama, list, [nested(recursion - 1)], [nested(recursion)])
})

test('any object is JSON and an object', async () => {
  for (const text of ['{}', '{"a": {"b": [1, "c", null]}}']) assert.equal(await accepts(llama, jsonGrammar, text), true, text)
  for (const text of ['[]', '1', '{"a": }', '{"a":1', '{\n}']) assert.equal(await accepts(llama, jsonGrammar, text), false, text)
})

test('schemas and texts make one grammar', async () => {
  const builder = new GrammarBuilder()
  const call = (name: string, schema: JsonSchema) => `${literal(`<tool_call>\n{"name": "${name}", "arguments": `)} ${builder.addSchema(schema)} ${literal('}\n</tool_call>')}`
  const grammar = builder.toString(`${call('add', { type: 'object', properties: { a: { $ref: '#/$defs/n' } }, $defs: { n: { type: 'integer' } } })} | ${call('say', { type: 'object', properties: { a: { $ref: '#/$defs/n' } }, $defs: { n: { type: 'null' } } })}`)
  assert.equal(await accepts(llama, grammar, '<tool_call>\n{"name": "add", "arguments": {"a": 1}}\n</tool_call>'), true)
  assert.equal(await accepts(llama, grammar, '<tool_call>\n{"name": "say", "arguments": {"a": 1}}\n</tool_call>'), false)
})

test('says what it leaves to the validator', () => {
  const schema = {
    type: 'object',
    properties: {
      a: { type: 'string', pattern: '^(?=x)' }, b: { type: 'number', multipleOf: 0.1 }, c: { type: 'array', uniqueItems: true }, d: { type: 'string', format: 'uri' },
      e: { oneOf: [{ type: 'null' }, { type: 'boolean' }] }, 'f/g': { type: 'string', pattern: '^a', maxLength: 3 }, h: { type: 'integer', minimum: 1, maximum: 5 }
    },
    not: { required: ['h'] }, if: true
  }
  assert.deepEqual(grammarOfSchema(schema).unchecked.toSorted(), [
    '#/if', '#/not', '#/properties/a/pattern', '#/properties/b/multipleOf', '#/properties/c/uniqueItems', '#/properties/d/format', '#/properties/e/oneOf', '#/properties/f~1g/maxLength'
  ])
})

test('a schema that no finite value fits is refused', () => {
  const endless = { type: 'object', properties: { next: { $ref: '#' } }, required: ['next'] }
  for (const schema of [false, endless, { allOf: [{ type: 'string' }, { type: 'null' }] }, { $ref: '#' }, { type: 'integer', minimum: 3, maximum: 2 }]) {
    assert.throws(() => grammarOfSchema(schema), { name: 'UnusableSchema', message: /cannot be fulfilled/ })
  }
})
