import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StopTexts } from '../../../../../src/backends/llama-cpp/engine/answer/stop-texts.ts'

/** The whole answer as a caller sees it when it comes in these pieces. */
function answerOf(stops: readonly string[], pieces: readonly string[]): { text: string, isStopped: boolean } {
  const stopTexts = new StopTexts(stops)
  let shown = ''
  for (const piece of pieces) {
    const { text, isStopped } = stopTexts.push(piece)
    shown += text
    if (isStopped) return { text: shown, isStopped }
  }
  return { text: shown + stopTexts.flush(), isStopped: false }
}

/** Every way of cutting a text into pieces. */
function* cuts(text: string): Generator<string[]> {
  yield [text]
  for (let end = 1; end < text.length; end++) {
    for (const rest of cuts(text.slice(end))) yield [text.slice(0, end), ...rest]
  }
}

const cases: [title: string, stops: string[], answer: string, expected: string, isStopped: boolean][] = [
  ['ends before the stop text', ['END'], 'abcENDxyz', 'abc', true],
  ['ends before the first of several', ['###', '\nUser:'], 'ab\nUser:###', 'ab', true],
  ['gives out near misses whole', ['###', '\nUser:'], '##\nUse#\nU', '##\nUse#\nU', false],
  ['finds a stop text after its own false start', ['aab'], 'xaaaaby', 'xaa', true],
  ['shows nothing when the answer begins with it', ['stop'], 'stopping', '', true],
  ['ends before one that is the beginning of another', ['ab', 'abc'], 'xabcy', 'x', true],
  ['ends before the one with the earlier beginning when both end together', ['\n\n#', '#'], 'ab\n\n#c', 'ab', true],
  ['cuts no character that it does not have to', ['🙂!'], 'a🙂🙂!b', 'a🙂', true],
  ['gives out an answer without stop texts as it comes', [], 'abc', 'abc', false]
]

for (const [title, stops, answer, expected, isStopped] of cases) {
  test(`${title}, wherever the pieces are cut`, () => {
    for (const pieces of cuts(answer)) assert.deepEqual(answerOf(stops, pieces), { text: expected, isStopped }, JSON.stringify(pieces))
  })
}

test('holds back only what may be the beginning of a stop text', () => {
  const stopTexts = new StopTexts(['###'])
  assert.deepEqual(stopTexts.push('one #'), { text: 'one ', isStopped: false })
  assert.deepEqual(stopTexts.push('two'), { text: '#two', isStopped: false })
  assert.deepEqual(stopTexts.push(' three'), { text: ' three', isStopped: false })
})

test('gives what it held back once', () => {
  const stopTexts = new StopTexts(['###'])
  stopTexts.push('one ##')
  assert.equal(stopTexts.flush(), '##')
  assert.equal(stopTexts.flush(), '')
})

test('gives the same when one stop text lies within another, wherever the pieces are cut', () => {
  for (const [stops, answer] of [[['\n\nUser:', '\nUser'], 'x\n\nUser:y'], [['abc', 'b'], 'xabcy']] as const) {
    const whole = answerOf(stops, [answer])
    for (const pieces of cuts(answer)) assert.deepEqual(answerOf(stops, pieces), whole, JSON.stringify(pieces))
  }
})
