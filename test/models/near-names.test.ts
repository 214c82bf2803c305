import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nearNames } from '../../src/models/near-names.ts'

const known = ['hermes-3b-q4', 'hermes-7b-q4', 'hermes-7b-q2', 'qwen3-4b-q4', 'smoke-135m']

test('the most similar name comes first, whatever the letter case', () => {
  assert.equal(nearNames('herms-3b-q4', known)[0], 'hermes-3b-q4')
  assert.equal(nearNames('HERMES-7B-Q2', known)[0], 'hermes-7b-q2')
  assert.equal(nearNames('smoke', ['smoke-135m', 'smoked'])[0], 'smoked')
})

test('a name that is like none has no near ones', () => {
  assert.deepEqual(nearNames('gpt-6-luna-turbo', known), [])
  assert.deepEqual(nearNames('x', []), [])
})
