import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ResponseFormat } from '../../../src/inference/request.ts'
import { parseAndValidate } from '../../../src/inference/json-schema/validation.ts'
import { compileValidator } from '../../../src/inference/json-schema/validator.ts'

const formatOf = (schema: Record<string, unknown>): ResponseFormat => ({ type: 'json_schema', json_schema: { name: 'x', schema } })

test('says the first problem in words, with its path', () => {
  const validate = compileValidator({ type: 'object', properties: { a: { type: 'array', items: { type: 'integer' } }, b: { enum: ['x', 'y'] } }, required: ['a'], additionalProperties: false })
  assert.equal(validate({ a: [1, 2] }), undefined)
  assert.equal(validate({}), 'the answer must have required property \'a\'')
  assert.equal(validate({ a: [1, 'b'] }), '/a/1 must be integer')
  assert.equal(validate({ a: [], c: 1 }), 'the answer must NOT have additional properties (c)')
  assert.equal(validate({ a: [], b: 'z' }), '/b must be equal to one of the allowed values (["x","y"])')
})

test('keeps to formats, several patterns, and multiples in decimals', () => {
  const validate = compileValidator({ properties: { day: { format: 'date' }, a: { pattern: '^a' }, b: { pattern: '^b' }, price: { multipleOf: 0.01 } } })
  assert.equal(validate({ day: '2024-02-29', a: 'a', b: 'b', price: 0.07 }), undefined)
  assert.match(validate({ day: '2023-02-29' })!, /date/)
  assert.match(validate({ b: 'a' })!, /pattern/)
  assert.match(validate({ price: 0.075 })!, /multiple/)
})

test('knows the tuples of both drafts', () => {
  const old = compileValidator({ items: [{ type: 'null' }], additionalItems: false })
  const recent = compileValidator({ prefixItems: [{ type: 'null' }], items: false })
  for (const validate of [old, recent]) {
    assert.equal(validate([null]), undefined)
    assert.notEqual(validate([null, 1]), undefined)
    assert.notEqual(validate([1]), undefined)
  }
})

test('a pattern that would take years is given up', () => {
  const validate = compileValidator({ type: 'string', pattern: '^(a+)+$' })
  assert.match(validate(`${'a'.repeat(50)}!`)!, /takes too long/)
})

test('an answer that is not JSON, or not what was asked for, is told from one that is', () => {
  assert.match(parseAndValidate('{"a": 1', { type: 'json_object' })!, /not JSON/)
  assert.match(parseAndValidate('[1]', { type: 'json_object' })!, /no object/)
  assert.equal(parseAndValidate('{"a": 1}', { type: 'json_object' }), undefined)
  assert.equal(parseAndValidate('{"a": 1}', formatOf({ type: 'object', required: ['a'] })), undefined)
  assert.match(parseAndValidate('{}', formatOf({ type: 'object', required: ['a'] }))!, /required property 'a'/)
  assert.equal(parseAndValidate('1', { type: 'json_schema', json_schema: { name: 'x' } }), undefined)
})
