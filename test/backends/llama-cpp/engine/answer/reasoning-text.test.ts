import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AnswerReader } from '../../../../../src/backends/llama-cpp/engine/answer/answer-reader.ts'
import type { ReaderOptions } from '../../../../../src/backends/llama-cpp/engine/answer/answer-reader.ts'

const thought = { open: '<think>', close: '</think>' }
const callMarker = '<tool_call>'

/** What is read of an answer that comes in pieces of `length` characters. */
function readInPieces(answer: string, length: number, options: Partial<ReaderOptions> = {}): Record<'text' | 'reasoning' | 'call', string> {
  const reader = new AnswerReader({ state: 'start', thought, callMarker, ...options })
  const read = { text: '', reasoning: '', call: '' }
  const pieces = Array.from({ length: Math.ceil(answer.length / length) }, (_, index) => answer.slice(index * length, (index + 1) * length))
  for (const part of [...pieces.flatMap((piece) => reader.push(piece)), ...reader.end()]) read[part.type] += part.text
  return read
}

const cases: { title: string, answer: string, options?: Partial<ReaderOptions>, read: ReturnType<typeof readInPieces> }[] = [
  { title: 'text alone', answer: 'Hello <b>you</b>', read: { text: 'Hello <b>you</b>', reasoning: '', call: '' } },
  { title: 'a thought and text', answer: '<think>\nIs it? </b>\n</think>\n\nIt is.', read: { text: 'It is.', reasoning: 'Is it? </b>', call: '' } },
  { title: 'an empty thought', answer: '<think>\n\n</think>\n\nIt is.', read: { text: 'It is.', reasoning: '', call: '' } },
  { title: 'a thought that the template opened', answer: 'Is it?</think>Yes', options: { state: 'thought' }, read: { text: 'Yes', reasoning: 'Is it?', call: '' } },
  { title: 'a thought without an end', answer: '<think>\nIs it? </thin', read: { text: '', reasoning: 'Is it? </thin', call: '' } },
  { title: 'a thought in the middle is text', answer: 'So <think>no</think>', read: { text: 'So <think>no</think>', reasoning: '', call: '' } },
  { title: 'text and a call', answer: 'I look. \n<tool_call>\n{"name"', read: { text: 'I look.', reasoning: '', call: '\n{"name"' } },
  { title: 'a thought and a call', answer: '<think>\nHm\n</think>\n\n<tool_call>x', read: { text: '', reasoning: 'Hm', call: 'x' } },
  { title: 'the end in the beginning of a mark', answer: 'a <tool_', read: { text: 'a <tool_', reasoning: '', call: '' } },
  { title: 'calls are text where none are offered', answer: 'a <tool_call>x', options: { callMarker: undefined }, read: { text: 'a <tool_call>x', reasoning: '', call: '' } }
]

for (const { title, answer, options, read } of cases) {
  test(`tells apart, wherever the pieces are cut: ${title}`, () => {
    for (let length = 1; length <= answer.length; length++) {
      assert.deepEqual(readInPieces(answer, length, options), read, `pieces of ${length}`)
    }
  })
}

test('text is given out as soon as it can be no mark', () => {
  const reader = new AnswerReader({ state: 'text', thought, callMarker })
  assert.deepEqual(reader.push('one <too'), [{ type: 'text', text: 'one' }])
  assert.deepEqual(reader.push('lbox'), [{ type: 'text', text: ' <toolbox' }])
})
