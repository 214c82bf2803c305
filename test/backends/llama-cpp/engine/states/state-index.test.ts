import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StateIndex } from '../../../../../src/backends/llama-cpp/engine/states/state-index.ts'

function indexOf(isCuttable: boolean, ...states: number[][]): StateIndex {
  const index = new StateIndex(isCuttable)
  for (const tokens of states) index.add({ path: tokens.join(), modelKey: '', isShared: false, tokens: Uint32Array.from(tokens), stateBytes: tokens.length * 10 + 1, checksum: 0 })
  return index
}

test('the longest common beginning wins, and the smaller state among equals', () => {
  const index = indexOf(true, [1, 2], [1, 2, 3, 9, 9], [1, 2, 3, 9], [7])
  const { state, commonTokens } = index.longest([1, 2, 3, 4])!
  assert.deepEqual([state.path, commonTokens], ['1,2,3,9', 3])
  assert.equal(index.longest([1, 2])!.state.path, '1,2')
  assert.equal(index.longest([8, 1, 2]), undefined)
  assert.equal(index.longest([]), undefined)
})

test('a state that cannot be cut serves only prompts that go on from its end', () => {
  const index = indexOf(false, [1, 2], [1, 2, 3, 9])
  assert.equal(index.longest([1, 2, 3, 4])!.state.path, '1,2')
  assert.equal(index.longest([1]), undefined)
  assert.deepEqual(index.covering([1, 2, 3]), [])
  assert.equal(index.covering([1, 2]).length, 1)
})

test('a longer state covers its beginnings and continues none of those that differ', () => {
  const index = indexOf(true, [1, 2, 3], [1, 5], [1])
  assert.deepEqual(index.covering([1, 2]).map(({ path }) => path), ['1,2,3'])
  assert.deepEqual(index.continuedBy([1, 2, 3, 4]).map(({ path }) => path), ['1,2,3', '1'])
})

test('a deleted state is not found, and without states nothing is known of their size', () => {
  const index = indexOf(true, [1, 2])
  assert.equal(index.bytesPerToken, 10.5)
  index.delete('1,2')
  assert.equal(index.longest([1, 2]), undefined)
  assert.equal(index.bytesPerToken, Infinity)
})
