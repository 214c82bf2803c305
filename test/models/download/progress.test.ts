// Bytes over time become speed and time left; spans cover a file without a gap.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assert as assertProperty, integer, property } from 'fast-check'
import { ProgressMeter } from '../../../src/models/download/progress.ts'
import type { PullProgress } from '../../../src/models/download/progress.ts'
import { bytesIn, cover, spansOf } from '../../../src/models/download/span.ts'
import { ManualClock } from '../../support/clock.ts'

function meter() {
  const clock = new ManualClock()
  const said: PullProgress[] = []
  return { clock, said, meter: new ProgressMeter('model', clock, (progress) => said.push(progress)) }
}

test('speed is that of the last seconds, and the time left follows from it', () => {
  const { clock, said, meter: it } = meter()
  it.update('downloading', 0, 10_000)
  clock.advance(1000)
  it.update('downloading', 2000, 10_000)
  assert.deepEqual(said.at(-1), { model: 'model', status: 'downloading', downloaded_bytes: 2000, total_bytes: 10_000, bytes_per_second: 2000, seconds_left: 4 })
  clock.advance(60_000)
  it.update('downloading', 3000, 10_000)
  assert.equal(said.at(-1)!.bytes_per_second, null)
  clock.advance(1000)
  it.update('downloading', 3100, 10_000)
  assert.deepEqual([said.at(-1)!.bytes_per_second, said.at(-1)!.seconds_left], [100, 69])
})

test('it speaks four times a second at most, but of each new status and of the last byte', () => {
  const { clock, said, meter: it } = meter()
  it.update('resolving', 0, null)
  it.update('downloading', 0, 100)
  it.update('downloading', 1, 100)
  it.update('downloading', 100, 100)
  it.update('verifying', 1, 100)
  clock.advance(250)
  it.update('verifying', 2, 100)
  assert.deepEqual(said.map(({ status, downloaded_bytes }) => [status, downloaded_bytes]), [['resolving', 0], ['downloading', 0], ['downloading', 100], ['verifying', 1], ['verifying', 2]])
})

test('a download that stands still has no time left to tell', () => {
  const { clock, said, meter: it } = meter()
  it.update('downloading', 50, 100)
  clock.advance(1000)
  it.update('downloading', 50, 100)
  assert.deepEqual([said.at(-1)!.bytes_per_second, said.at(-1)!.seconds_left], [0, null])
})

test('spans cover every byte once, never too many and never too small', () => {
  assertProperty(property(integer({ min: 1, max: 10_000 }), integer({ min: 1, max: 3000 }), integer({ min: 1, max: 8 }), (bytes, leastBytes, most) => {
    const spans = spansOf(bytes, { leastBytes, most })
    assert.ok(cover(spans, bytes))
    assert.ok(spans.length <= most)
    assert.ok(spans.length === 1 || spans.every(({ start, end }) => end - start >= leastBytes))
    assert.equal(bytesIn(spans), 0)
  }))
})

test('spans of another file are told', () => {
  const spans = spansOf(100, { leastBytes: 10, most: 4 })
  assert.ok(!cover(spans, 101))
  assert.ok(!cover(spans.slice(1), 100))
  assert.ok(!cover([], 100))
  assert.ok(!cover([{ start: 0, next: 101, end: 100 }], 100))
})
