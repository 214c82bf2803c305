// The histogram of the times between tokens.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GapCounts, TokenGaps } from '../../../src/observability/metrics/token-gaps.ts'
import { parseExposition, valueOf } from './exposition.ts'

test('the gaps of several answers add up, each in its bucket and all that are wider', () => {
  const gaps = new TokenGaps()
  for (const arrivals of [[0, 4, 54], [100, 20_100]]) {
    const counts = new GapCounts()
    for (const arrival of arrivals) counts.tokenArrived(arrival)
    gaps.add('openai', counts)
  }
  const text = parseExposition(gaps.text())
  const bucket = (le: string) => valueOf(text, 'switch_attempt_inter_token_seconds_bucket', { backend: 'openai', le })
  assert.deepEqual(['0.0025', '0.005', '0.025', '0.05', '10', '+Inf'].map(bucket), [0, 1, 1, 2, 2, 3])
  assert.equal(valueOf(text, 'switch_attempt_inter_token_seconds_sum'), 20.054)
  assert.equal(valueOf(text, 'switch_attempt_inter_token_seconds_count'), 3)
})

test('an answer of one token has no gap, and a strange name breaks no line', () => {
  const gaps = new TokenGaps()
  const one = new GapCounts()
  one.tokenArrived(5)
  gaps.add('a"b\\c\nd', one)
  const { samples } = parseExposition(gaps.text())
  assert.ok(samples.every(({ value, labels }) => value === 0 && labels['backend'] === 'a\\"b\\\\c\\nd'))
})
