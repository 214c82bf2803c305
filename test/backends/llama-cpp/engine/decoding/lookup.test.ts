import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Token } from 'node-llama-cpp'
import type { GuessCost } from '../../../../../src/backends/llama-cpp/engine/decoding/guess-cost.ts'
import { PromptLookup } from '../../../../../src/backends/llama-cpp/engine/decoding/lookup.ts'

const tokens = (...numbers: number[]) => numbers as Token[]

/** A lookup over an engine in which a step with guesses takes as long as `costOf` steps without. */
function lookupOver(costOf: (guesses: number) => number, ...prompt: number[]): PromptLookup {
  return new PromptLookup(tokens(...prompt), { of: costOf } as GuessCost)
}

const lookupOf = (...prompt: number[]) => lookupOver(() => 1, ...prompt)

test('guesses what followed the last three tokens before', () => {
  assert.deepEqual(lookupOf(1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3).guess(4), [4, 5, 6, 7])
})

test('guesses from the latest of several places', () => {
  assert.deepEqual(lookupOf(1, 2, 3, 4, 1, 2, 3, 5, 6, 1, 2, 3).guess(2), [5, 6])
})

test('guesses nothing after tokens that are new, or that only two of match', () => {
  assert.deepEqual(lookupOf(1, 2, 3, 4, 5, 9, 2, 3).guess(8), [])
  assert.deepEqual(lookupOf(1, 2).guess(8), [])
})

test('guesses within a repetition that is not complete yet', () => {
  assert.deepEqual(lookupOf(7, 7, 7, 7).guess(8), [7])
})

test('guesses no more than there is room for', () => {
  assert.deepEqual(lookupOf(1, 2, 3, 4, 5, 6, 1, 2, 3).guess(1), [4])
  assert.deepEqual(lookupOf(1, 2, 3, 4, 5, 6, 1, 2, 3).guess(0), [])
})

test('the answer is looked up as the prompt is', () => {
  const lookup = lookupOf(1, 2, 3)
  for (const token of tokens(4, 5, 1, 2, 3)) lookup.push(token)
  assert.deepEqual(lookup.guess(4), [4, 5, 1, 2])
})

/** Three tokens in a row, then tokens 100 to 129, and the three again: those may be guessed. */
const copied = Array.from({ length: 30 }, (_, index) => 100 + index)
const copying = [1, 2, 3, ...copied, 1, 2, 3]
/** Each guess costs a third of a step. */
const dear = (guesses: number) => 1 + guesses / 3

test('guesses nothing before a few tokens were as they would have been guessed, where guesses are dear', () => {
  const lookup = lookupOver(dear, ...copying)
  const counts = copied.slice(0, 8).map((token) => {
    const { length } = lookup.guess(100)
    lookup.push(token as Token)
    return length
  })
  assert.equal(counts[0], 0)
  assert.ok(counts.findIndex((count) => count > 0) <= 4, `${counts}`)
  assert.deepEqual(counts, counts.toSorted((a, b) => a - b))
  assert.equal(lookup.guess(100).length, 8)
})

test('one wrong guess makes the next ones fewer, several end them', () => {
  const lookup = lookupOver(dear, ...copying)
  for (const token of copied.slice(0, 8)) lookup.push(token as Token)
  const before = lookup.guess(100).length
  for (const token of tokens(500, 1, 2, 3)) lookup.push(token)
  const after = lookup.guess(100).length
  assert.ok(after < before, `${before}, then ${after}`)
  for (let round = 0; round < 3; round++) for (const token of tokens(600 + round, 1, 2, 3)) lookup.push(token)
  assert.deepEqual(lookup.guess(100), [])
})

test('guesses nothing where a step with guesses takes as long as single steps', () => {
  const lookup = lookupOver((guesses) => 1 + guesses, ...copying)
  for (const token of copied.slice(0, 20)) lookup.push(token as Token)
  assert.deepEqual(lookup.guess(100), [])
})
