import assert from 'node:assert/strict'
import { test } from 'node:test'
import { adviceLimit, chatLimit, routeLimit, taskLimit, timeLimitSeconds } from '../../../src/routes/vx11/time-limits.ts'

test('each limit is below the patience of every caller of its route', () => {
  for (const [limit, source, patience] of [
    [chatLimit, undefined, 5], [chatLimit, 'madre', 5], [routeLimit, undefined, 15], [routeLimit, 'shub', 30], [routeLimit, 'madre', 8],
    [taskLimit, 'operator', 15], [taskLimit, undefined, 30], [taskLimit, 'madre', 5], [adviceLimit, undefined, 2.5]
  ] as const) {
    const seconds = timeLimitSeconds(limit, source, undefined, 30)
    assert.ok(seconds < patience && seconds >= patience * 0.4, `${seconds} s of ${patience} s for ${source}`)
  }
})

test('a request may ask for another limit, up to HERMES_TIMEOUT', () => {
  assert.equal(timeLimitSeconds(chatLimit, undefined, 20, 30), 20)
  assert.equal(timeLimitSeconds(chatLimit, undefined, 60, 30), 30)
  assert.equal(timeLimitSeconds(taskLimit, 'madre', 1, 30), 1)
  assert.equal(timeLimitSeconds(routeLimit, undefined, undefined, 3), 3)
})
