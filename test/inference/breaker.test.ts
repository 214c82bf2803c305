import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Breaker } from '../../src/inference/breaker.ts'
import { ManualClock } from '../support/clock.ts'

function newBreaker() {
  const clock = new ManualClock()
  const breaker = new Breaker(clock)
  return { clock, breaker, fail: (...args: Parameters<NonNullable<ReturnType<Breaker['enter']>>['failed']>) => breaker.enter()!.failed(...args) }
}

test('one failure may be chance, two in a row open it', () => {
  const { breaker, fail } = newBreaker()
  fail('server_error')
  assert.equal(breaker.state().state, 'closed')
  fail('server_error')
  assert.deepEqual(breaker.state(), { state: 'open', reason: 'server_error', retry_in_ms: 4000 })
  assert.equal(breaker.enter(), undefined)
})

test('a success between two failures keeps it closed', () => {
  const { breaker, fail } = newBreaker()
  fail('connection')
  breaker.enter()!.alive()
  fail('connection')
  assert.equal(breaker.state().state, 'closed')
})

test('after the cool-down one request at a time may try', () => {
  const { clock, breaker, fail } = newBreaker()
  fail('connection')
  fail('connection')
  clock.advance(4000)
  const probe = breaker.enter()!
  assert.equal(probe.isProbe, true)
  assert.equal(breaker.state().state, 'half-open')
  assert.equal(breaker.enter(), undefined)
  probe.failed('connection')
  assert.equal(breaker.state().retry_in_ms, 8000)
  clock.advance(8000)
  breaker.enter()!.alive()
  assert.deepEqual(breaker.state(), { state: 'closed' })
  assert.equal(breaker.enter()!.isProbe, false)
})

test('a probe whose caller left lets the next request try', () => {
  const { clock, breaker, fail } = newBreaker()
  fail('connection')
  fail('connection')
  clock.advance(4000)
  breaker.enter()!.withdrawn()
  assert.equal(breaker.enter()!.isProbe, true)
})

for (const reason of ['unauthorized', 'quota_exhausted', 'model_not_found'] as const) {
  test(`${reason} opens it at once for five minutes, and a free probe does not close it`, () => {
    const { breaker, fail } = newBreaker()
    fail(reason)
    assert.deepEqual(breaker.state(), { state: 'open', reason, retry_in_ms: 300_000 })
    breaker.close()
    assert.equal(breaker.enter(), undefined)
  })
}

test('a rate limit opens it for the time that the provider named', () => {
  const { clock, breaker, fail } = newBreaker()
  fail('rate_limited', 30)
  assert.equal(breaker.state().retry_in_ms, 30_000)
  clock.advance(30_000)
  assert.ok(breaker.enter())
})

test('a cool-down under way is never shortened', () => {
  const { breaker, fail } = newBreaker()
  const late = breaker.enter()!
  fail('rate_limited', 60)
  late.failed('server_error')
  assert.equal(breaker.state().retry_in_ms, 60_000)
})

test('an entry counts once', () => {
  const { breaker } = newBreaker()
  const entry = breaker.enter()!
  entry.failed('server_error')
  entry.failed('server_error')
  assert.equal(breaker.state().state, 'closed')
})

test('opened from outside when the network is gone, and tried after the cool-down', () => {
  const { clock, breaker } = newBreaker()
  breaker.open('network_down')
  assert.equal(breaker.enter(), undefined)
  clock.advance(4000)
  assert.equal(breaker.enter()!.isProbe, true)
})

test('in an outage of 60 s with a request every second at most 10 attempts are made, and recovery is seen within 10 s', () => {
  const { clock, breaker } = newBreaker()
  let attempts = 0
  for (let second = 0; second < 60; second++) {
    // The chain tries a closed one twice, a half-open one once.
    for (let tries = 0; tries < 2; tries++) {
      const entry = breaker.enter()
      if (entry === undefined) break
      attempts++
      entry.failed('server_error')
      if (entry.isProbe) break
    }
    clock.advance(1000)
  }
  assert.ok(attempts <= 10, `${attempts} attempts`)
  let seconds = 0
  while (breaker.enter() === undefined) {
    clock.advance(1000)
    seconds++
  }
  assert.ok(seconds <= 10, `${seconds} s`)
})
