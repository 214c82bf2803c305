// A pull as text: the bar of a terminal, and lines that come now and then.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jsonDisplay, pullDisplay } from '../../../src/cli/models/pull-display.ts'
import { barOf, bytesText, durationText, lineOf } from '../../../src/cli/models/pull-text.ts'
import type { PullProgress } from '../../../src/models/download/progress.ts'
import { ManualClock } from '../../support/clock.ts'

const half: PullProgress = { model: 'hermes-3b-q4', status: 'downloading', downloaded_bytes: 1_010_000_000, total_bytes: 2_020_000_000, bytes_per_second: 12_300_000, seconds_left: 83 }

function output(isTTY: boolean) {
  const written: string[] = []
  return { written, isTTY, columns: 200, write: (text: string) => written.push(text) > 0 }
}

test('the bar has percent, bytes, speed and the time left', () => {
  assert.equal(barOf(half, 200), 'downloading [############------------] 50 %, 1.01 GB of 2.02 GB, 12.3 MB/s, 1 min 23 s left')
})

test('the bar is full at the end and empty at the beginning, and never longer than the terminal', () => {
  assert.match(barOf({ ...half, downloaded_bytes: 2_020_000_000, status: 'done' }, 200), /^done +\[#{24}\] 100 %, 2\.02 GB of 2\.02 GB$/)
  assert.match(barOf({ ...half, downloaded_bytes: 0, bytes_per_second: null, seconds_left: null }, 200), /\[-{24}\] 0 %, 0 B of 2\.02 GB$/)
  for (const columns of [0, 1, 20, 79]) assert.ok(barOf(half, columns).length <= columns)
})

test('without a known length there is no bar', () => {
  assert.equal(barOf({ ...half, status: 'resolving', total_bytes: null, bytes_per_second: null, seconds_left: null }, 200).trimEnd(), 'resolving')
})

test('a line says the same in words', () => {
  assert.equal(lineOf(half), 'hermes-3b-q4: downloading 50 %, 1.01 GB of 2.02 GB, 12.3 MB/s, 1 min 23 s left')
})

for (const [bytes, text] of [[0, '0 B'], [999, '999 B'], [1000, '1 kB'], [4_181_760, '4.2 MB'], [2_019_377_376, '2.02 GB'], [1.5e12, '1.500 TB']] as const) {
  test(`${bytes} bytes are ${text}`, () => assert.equal(bytesText(bytes), text))
}

for (const [seconds, text] of [[0, '0 s'], [59, '59 s'], [60, '1 min 00 s'], [3900, '1 h 05 min']] as const) {
  test(`${seconds} seconds are ${text}`, () => assert.equal(durationText(seconds), text))
}

test('a terminal gets one line that is drawn anew, a note above it, and an end of line when it is done', () => {
  const screen = output(true)
  const display = pullDisplay(screen, new ManualClock())
  display.progress(half)
  display.note('broke off; trying again in 1 s')
  display.progress({ ...half, status: 'done' })
  assert.ok(screen.written.every((text) => text.startsWith('\r\u001B[K')))
  assert.deepEqual(screen.written.map((text) => text.endsWith('\n')), [false, true, true])
})

test('elsewhere a line comes for each status, then after two seconds and five percent, or half a minute', () => {
  const [log, clock] = [output(false), new ManualClock()]
  const display = pullDisplay(log, clock)
  const at = (percent: number) => display.progress({ ...half, downloaded_bytes: percent, total_bytes: 100 })
  at(0)
  at(50)
  clock.advance(2000)
  at(4)
  at(5)
  clock.advance(30_000)
  at(6)
  display.progress({ ...half, status: 'verifying' })
  assert.deepEqual(log.written.map((text) => /: (\w+ \d+) %/.exec(text)![1]), ['downloading 0', 'downloading 5', 'downloading 6', 'verifying 50'])
})

test('as JSON each event is a line', () => {
  const lines = output(false)
  const display = jsonDisplay(lines)
  display.progress(half)
  display.note('trying again')
  assert.deepEqual(lines.written.map((text) => JSON.parse(text) as unknown), [{ event: 'progress', ...half }, { event: 'note', message: 'trying again' }])
})
