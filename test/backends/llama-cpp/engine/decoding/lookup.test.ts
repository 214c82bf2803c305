import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Token } from 'node-llama-cpp'
import { PromptLookup } from '../../../../../src/backends/llama-cpp/engine/decoding/lookup.ts'

const tokens = (...numbers: number[]) => numbers as Token[]

/** A lookup that knows how long a step without guesses takes. */
function lookupOf(...prompt: number[]): PromptLookup {
  const lookup = new PromptLookup(tokens(...prompt))
  lookup.notePlainStep(10)
  return lookup
}

test('guesses what followed the last three tokens before', () => {
  assert.deepEqual(lookupOf(1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3).guess(8), [4, 5, 6, 7])
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
  assert.deepEqual(lookup.guess(8), [4, 5, 1, 2])
})

test('guesses nothing before it knows how long a step takes without guesses', () => {
  assert.deepEqual(new PromptLookup(tokens(1, 2, 3, 4, 1, 2, 3)).guess(8), [])
})

test('guesses more when all were right, and less when few were', () => {
  const prompt = [1, 2, 3, ...Array.from({ length: 20 }, (_, index) => 100 + index), 1, 2, 3]
  const lookup = lookupOf(...prompt)
  lookup.noteGuessedStep({ guessed: 4, right: 4, ms: 12 })
  assert.equal(lookup.guess(100).length, 8)
  lookup.noteGuessedStep({ guessed: 8, right: 2, ms: 12 })
  assert.equal(lookup.guess(100).length, 3)
})

/** Tokens that are pushed until it guesses again after the same three. */
function tokensUntilGuess(lookup: PromptLookup): number {
  for (let count = 0; count < 10_000; count += 3) {
    if (lookup.guess(8).length > 0) return count
    for (const token of tokens(1, 2, 3)) lookup.push(token)
  }
  assert.fail('it never guesses again')
}

test('rests after guesses that cost more than they gained, twice as long each time', () => {
  const lookup = lookupOf(1, 2, 3, 4, 1, 2, 3)
  const rests = Array.from({ length: 4 }, () => {
    lookup.noteGuessedStep({ guessed: 4, right: 0, ms: 16 })
    return tokensUntilGuess(lookup)
  })
  assert.deepEqual(rests.map((rest) => Math.round(rest / 16)), [1, 2, 4, 8])
})

test('right guesses that take as long as single steps are no gain either', () => {
  const lookup = lookupOf(1, 2, 3, 4, 1, 2, 3)
  lookup.noteGuessedStep({ guessed: 4, right: 4, ms: 50 })
  assert.deepEqual(lookup.guess(8), [])
})
