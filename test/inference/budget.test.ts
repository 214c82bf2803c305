import assert from 'node:assert/strict'
import { test } from 'node:test'
import { attemptBudget, reserveMs } from '../../src/inference/budget.ts'
import { guardBackend } from '../../src/inference/target.ts'
import { fakeBackend } from '../support/backends.ts'
import { ManualClock } from '../support/clock.ts'

const limits = { timeoutMs: 20_000, firstTokenMs: 10_000, idleMs: 15_000 }
const request = { messages: [], stop: [] }
const local = () => guardBackend(fakeBackend(), 4, new ManualClock())
const remote = () => guardBackend(fakeBackend({ name: 'openai', isLocal: false }), 4, new ManualClock())

test('nothing is kept back when no local model follows', () => {
  assert.equal(reserveMs([], request, 30_000), 0)
  assert.equal(reserveMs([remote()], request, 30_000), 0)
})

test('nothing is kept back for a local model that cannot answer', () => {
  const failed = guardBackend(fakeBackend({ state: { status: 'failed', model: 'm', reason: 'r' } }), 4, new ManualClock())
  assert.equal(reserveMs([failed], request, 30_000), 0)
})

test('2 s are kept back for a local model of which nothing is known yet', () => {
  assert.equal(reserveMs([remote(), local()], request, 30_000), 2000)
})

test('the reserve is learned from the speed of the local model, and bounded by max_tokens', () => {
  const target = local()
  target.evidence.succeeded(500, 1000, 101)
  // 500 ms + 128 tokens at 100 a second, with half of it again for caution.
  assert.equal(reserveMs([target], request, 30_000), (500 + 1280) * 1.5)
  assert.equal(reserveMs([target], { ...request, maxTokens: 10 }, 30_000), (500 + 100) * 1.5)
})

test('at most half of what is left is kept back', () => {
  const target = local()
  target.evidence.succeeded(20_000, 1000, 101)
  assert.equal(reserveMs([target], request, 1000), 500)
})

test('an attempt takes no longer than its share of the deadline', () => {
  assert.deepEqual(attemptBudget(limits, 30_000, 2000), limits)
  assert.deepEqual(attemptBudget(limits, 5000, 2000), { timeoutMs: 3000, firstTokenMs: 3000, idleMs: 15_000 })
  assert.deepEqual(attemptBudget(limits, 1000, 500), { timeoutMs: 500, firstTokenMs: 500, idleMs: 15_000 })
})

test('without a local model behind it only its own limits and the deadline count', () => {
  assert.deepEqual(attemptBudget({ timeoutMs: undefined, firstTokenMs: undefined, idleMs: undefined }, 500, 0), { timeoutMs: Infinity, firstTokenMs: Infinity, idleMs: Infinity })
})

test('an attempt that cannot finish in what is left is not started', () => {
  assert.equal(attemptBudget(limits, 19, 0), undefined)
  assert.equal(attemptBudget(limits, 38, 19), undefined)
  assert.ok(attemptBudget(limits, 41, 20))
})

test('the load of a model that idled is kept back too, as long as its last one', () => {
  const unloaded = (loadsOnDemand: boolean) => guardBackend(fakeBackend({ state: { status: 'unloaded', model: 'm', loadsOnDemand, loadTimeMs: 3000 } }), 4, new ManualClock())
  assert.equal(reserveMs([unloaded(true)], request, 30_000), 5000)
  assert.equal(reserveMs([unloaded(false)], request, 30_000), 0)
})
