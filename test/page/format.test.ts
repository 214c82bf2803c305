import assert from 'node:assert/strict'
import { test } from 'node:test'
import { age, bytes, duration, longDuration, megabytes, percent, plural, rate } from '../../src/page/source/text/format.ts'

test('durations have the unit that suits them', () => {
  assert.deepEqual([0, 849.6, 999, 1000, 9949, 9951, 125_000].map(duration), ['0 ms', '850 ms', '999 ms', '1.0 s', '9.9 s', '10 s', '2 min 5 s'])
  assert.deepEqual([0, 59, 60, 3600, 7805, 90_000].map(longDuration), ['0 s', '59 s', '1 min', '1 h', '2 h 10 min', '1 d 1 h'])
})

test('ages say never, just now, or how long ago', () => {
  assert.deepEqual([null, 0, 12, 125].map(age), ['never', 'just now', '12 s ago', '2 min 5 s ago'])
})

test('bytes go up to the next unit before they have four digits', () => {
  assert.deepEqual([0, 999, 999.6, 1500, 99_600, 2_020_000_000, 999_950_000].map(bytes), ['0 B', '999 B', '1.0 kB', '1.5 kB', '100 kB', '2.0 GB', '1.0 GB'])
  assert.equal(megabytes(4096), '4.1 GB')
})

test('rates keep the digits that matter; counts have separators', () => {
  assert.deepEqual([0, 0.254, 3.14, 48.4, 12_345].map(rate), ['0', '0.25', '3.1', '48', '12,345'])
  assert.deepEqual([plural(1, 'request'), plural(1200, 'request'), percent(0.456)], ['1 request', '1,200 requests', '46 %'])
})
