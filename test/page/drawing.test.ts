import assert from 'node:assert/strict'
import { test } from 'node:test'
import { backendClass } from '../../src/page/source/draw/colours.ts'
import { firstTokenOf } from '../../src/page/source/draw/first-token.ts'
import { partsOf } from '../../src/page/source/draw/parts.ts'
import { seriesOf, sum } from '../../src/page/source/draw/series.ts'
import { barsOf } from '../../src/page/source/draw/timeline.ts'
import { outcomeOf } from '../../src/page/source/text/outcome.ts'
import { attempt, record, second } from './records.ts'

test('bars: queue, first token and stream stand one behind the other on the time of the request', () => {
  const [bar] = barsOf([attempt({ started_ms: 100, queued_ms: 100, first_token_ms: 300, duration_ms: 900 })], 1000)
  assert.deepEqual(bar!.segments, [
    { phase: 'queue', leftPercent: 10, widthPercent: 10, ms: 100 },
    { phase: 'first-token', leftPercent: 20, widthPercent: 20, ms: 200 },
    { phase: 'streaming', leftPercent: 40, widthPercent: 60, ms: 600 }
  ])
})

test('bars: an attempt that got no token has none for the stream; one that was not asked has none at all', () => {
  const [failed, skipped] = barsOf([attempt({ outcome: 'failed', first_token_ms: null, duration_ms: 50 }), attempt({ outcome: 'skipped', first_token_ms: null, duration_ms: 0 })], 100)
  assert.deepEqual(failed!.segments.map(({ phase }) => phase), ['first-token'])
  assert.deepEqual(skipped!.segments, [])
})

test('bars: nothing leaves the track, however odd the numbers are', () => {
  for (const latency of [0, 1, 50]) {
    for (const { segments } of barsOf([attempt({ started_ms: 999, duration_ms: 0, first_token_ms: null }), attempt({ queued_ms: 500, duration_ms: 20, first_token_ms: 30 })], latency)) {
      assert.ok(segments.length > 0)
      for (const { leftPercent, widthPercent } of segments) assert.ok(leftPercent >= 0 && widthPercent > 0 && leftPercent + widthPercent <= 100.001, `${leftPercent} ${widthPercent}`)
    }
  }
})

test('series: steps of five seconds at whole multiples, the last one under way', () => {
  const series = seriesOf([second(1003, { answered: 1, tokens: 10, first_token_ms: 30 }), second(1004, { degraded: 2, failed: 1, refused: 1, failovers: 3, first_token_ms: 50 }), second(1006, { answered: 4 })], 1007)
  assert.equal(series.times.length, 60)
  assert.deepEqual(series.times.slice(-2), [1000, 1005])
  assert.deepEqual([series.answered.slice(-2), series.degraded.at(-2), series.failed.at(-2), series.failovers.at(-2), series.tokensPerSecond.at(-2), series.firstTokenMs.slice(-2)], [[1, 4], 2, 2, 3, 2, [30, null]])
})

test('series: what is older or from the future is left out', () => {
  assert.equal(sum(seriesOf([second(600, { answered: 1 }), second(2000, { answered: 1 })], 1007).answered), 0)
})

test('parts: the receipt tells who spoke which part; the last one has the rest', () => {
  assert.deepEqual(partsOf('The sky is blue.', [{ backend: 'openai', chars: 8 }, { backend: 'gone', chars: 0 }, { backend: 'hermes', chars: 3 }]), [{ backend: 'openai', text: 'The sky ' }, { backend: 'hermes', text: 'is blue.' }])
  assert.deepEqual(partsOf('text', []), [])
})

test('the first token counts from the beginning of the request, whoever gave it', () => {
  assert.equal(firstTokenOf([attempt({ first_token_ms: null }), attempt({ started_ms: 100, first_token_ms: 20 }), attempt({ started_ms: 500, first_token_ms: 1 })]), 120)
  assert.equal(firstTokenOf([]), undefined)
})

test('a backend keeps its colour by its place; one that is gone is grey', () => {
  assert.deepEqual(['b', 'x'].map((name) => backendClass(name, ['a', 'b'])), ['hue-1', 'hue-gone'])
})

test('an outcome has a word and a symbol, not a colour alone', () => {
  const words = [record(), record({ degraded: true }), record({ degraded: true, continued: true }), record({ outcome: 'failed', status: 503 }), record({ outcome: 'failed', status: 400 }), record({ outcome: 'cancelled' })].map(outcomeOf)
  assert.deepEqual(words.map(({ text }) => text), ['Answered', 'Fallback', 'Continued', 'Failed', 'Refused', 'Caller left'])
  assert.ok(words.every(({ symbol }) => symbol !== ''))
})
