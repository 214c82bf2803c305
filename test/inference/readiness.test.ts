import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isAble, loadWaitMs, willAnswer } from '../../src/inference/readiness.ts'

const idle = { status: 'unloaded', model: 'm', loadsOnDemand: true, loadTimeMs: 8000 } as const

test('a request waits for a model that loads, or that it has loaded, and for no other', () => {
  for (const [state, expected] of [
    [{ status: 'ready', model: 'm' }, true], [{ status: 'loading', model: 'm' }, true], [idle, true],
    [{ ...idle, status: 'unloading' }, true], [{ ...idle, loadsOnDemand: false }, false], [{ status: 'failed', model: 'm' }, false]
  ] as const) assert.equal(willAnswer(state), expected, JSON.stringify(state))
})

test('the wait is what is left of a load as long as the last one', () => {
  assert.equal(loadWaitMs({ status: 'ready', model: 'm', loadTimeMs: 8000 }), 0)
  assert.equal(loadWaitMs(idle), 8000)
  assert.equal(loadWaitMs({ status: 'loading', model: 'm', loadTimeMs: 8000, loadProgress: 0.75 }), 2000)
  assert.equal(loadWaitMs({ status: 'loading', model: 'm' }), undefined)
})

test('an idle model counts as able when its load is known to end within the deadline', () => {
  assert.equal(isAble(idle, 8001), true)
  assert.equal(isAble(idle, 8000), false)
  assert.equal(isAble({ status: 'unloaded', model: 'm', loadsOnDemand: true }, 30_000), false, 'nobody knows how long it takes')
  assert.equal(isAble({ ...idle, loadsOnDemand: false }, 30_000), false)
  assert.equal(isAble({ status: 'loading', model: 'm', loadTimeMs: 1 }, 30_000), false)
  assert.equal(isAble({ status: 'ready', model: 'm' }, 1), true)
})
