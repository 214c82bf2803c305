import assert from 'node:assert/strict'
import { test } from 'node:test'
import { backoffMs } from '../../../../src/backends/llama-cpp/supervision/backoff.ts'

test('restarts at once after the first failure, then doubles from half a second', () => {
  assert.deepEqual([0, 1, 2, 3, 4, 5].map(backoffMs), [0, 0, 500, 1000, 2000, 4000])
})

test('never waits longer than a minute, however many failures there were', () => {
  assert.deepEqual([8, 9, 10, 100, 5000].map(backoffMs), [32_000, 60_000, 60_000, 60_000, 60_000])
})
