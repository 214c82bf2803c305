import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FailureReason } from '../../src/inference/failure.ts'
import { decide } from '../../src/inference/policy.ts'
import type { Situation } from '../../src/inference/policy.ts'

const situation: Omit<Situation, 'reason'> = { retryAfterSeconds: undefined, tries: 1, hasText: false, isProbe: false, budgetMs: 10_000, random: 0.5 }

const decided = (reason: FailureReason, rest: Partial<Situation> = {}) => decide({ ...situation, reason, ...rest })

for (const reason of ['connection', 'server_error'] as const) {
  test(`${reason}: the same backend once more after a jittered pause, then the next`, () => {
    assert.deepEqual(decided(reason), { action: 'retry', afterMs: 150 })
    assert.deepEqual([decided(reason, { random: 0 }), decided(reason, { random: 1 })], [{ action: 'retry', afterMs: 75 }, { action: 'retry', afterMs: 225 }])
    assert.deepEqual(decided(reason, { tries: 2 }), { action: 'next' })
  })

  test(`${reason}: no second try with text already received, as a probe, or without time`, () => {
    assert.deepEqual(decided(reason, { hasText: true }), { action: 'next' })
    assert.deepEqual(decided(reason, { isProbe: true }), { action: 'next' })
    assert.deepEqual(decided(reason, { budgetMs: 200 }), { action: 'next' })
  })
}

test('rate_limited: once more, not before the time that the backend named, if that fits the budget', () => {
  assert.deepEqual(decided('rate_limited', { retryAfterSeconds: 2 }), { action: 'retry', afterMs: 2000 })
  assert.deepEqual(decided('rate_limited', { retryAfterSeconds: 2, tries: 2 }), { action: 'next' })
  assert.deepEqual(decided('rate_limited', { retryAfterSeconds: 60 }), { action: 'next' })
})

test('rate_limited without a time: at most once, with back-off', () => {
  assert.deepEqual(decided('rate_limited'), { action: 'retry', afterMs: 500 })
  assert.deepEqual(decided('rate_limited', { tries: 2 }), { action: 'next' })
})

const never: FailureReason[] = [
  'unauthorized', 'quota_exhausted', 'model_not_found', 'first_token_timeout', 'idle_timeout', 'attempt_timeout', 'stream_cut', 'empty_answer', 'protocol', 'network_down',
  'context_length_exceeded', 'diverged', 'model_unavailable', 'out_of_memory', 'engine_died', 'circuit_open', 'queue_full', 'no_time', 'internal'
]
for (const reason of never) {
  test(`${reason}: never the same backend again, but the next one`, () => assert.deepEqual(decided(reason), { action: 'next' }))
}

for (const reason of ['content_filtered', 'rejected'] as const) {
  test(`${reason}: nobody else is asked`, () => assert.deepEqual(decided(reason), { action: 'stop' }))
}
