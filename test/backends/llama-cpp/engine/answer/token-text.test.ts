import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LlamaModel, Token } from 'node-llama-cpp'
import { TokenText } from '../../../../../src/backends/llama-cpp/engine/answer/token-text.ts'

type Vocabulary = readonly (string | readonly number[])[]

/** A tokenizer whose tokens are bytes; `seen` collects the tokens it was given as context. */
function textOf(vocabulary: Vocabulary, seen: (readonly Token[])[] = []): TokenText {
  const detokenize: LlamaModel['detokenize'] = (tokens, _special, before = []) => {
    seen.push(before)
    return Buffer.concat(tokens.map((token) => Buffer.from(vocabulary[token] as string))).toString('utf8')
  }
  return new TokenText({ detokenize })
}

const pushAll = (text: TokenText, count: number): string[] => Array.from({ length: count }, (_, index) => text.push(index as Token))

test('gives each whole token out at once', () => {
  assert.deepEqual(pushAll(textOf(['Hello', ' wörld', '🙂']), 3), ['Hello', ' wörld', '🙂'])
})

test('gives a 4-byte emoji out whole when it is spread over 4 tokens', () => {
  const text = textOf(['a', ...Buffer.from('🙂').map((byte) => byte)].map((part) => typeof part === 'number' ? [part] : part))
  assert.deepEqual(pushAll(text, 5), ['a', '', '', '', '🙂'])
  assert.equal(text.flush(), '')
})

test('gives out whole what shares tokens with its neighbours', () => {
  const bytes = [...Buffer.from('aé€b')]
  assert.deepEqual(pushAll(textOf([bytes.slice(0, 2), bytes.slice(2, 4), bytes.slice(4)]), 3), ['', '', 'aé€b'])
})

test('gives out a broken character when the next token does not continue it', () => {
  assert.deepEqual(pushAll(textOf([[0xf0, 0x9f], 'b']), 2), ['', '\uFFFDb'])
})

test('gives out broken bytes in the end, however many they are', () => {
  const vocabulary = Array.from({ length: 20 }, () => [0xff])
  const text = textOf(vocabulary)
  const pieces = pushAll(text, 20)
  assert.ok(pieces.some((piece) => piece !== ''), 'nothing came before the end')
  assert.equal(pieces.join('') + text.flush(), '\uFFFD'.repeat(20))
})

test('gives out the mark of an incomplete character when the answer ends in it, once', () => {
  const text = textOf(['a', [0xe2, 0x82]])
  assert.deepEqual(pushAll(text, 2), ['a', ''])
  assert.equal(text.flush(), '\uFFFD')
  assert.equal(text.flush(), '')
})

test('shows the tokenizer the tokens before, without the pending ones', () => {
  const seen: (readonly Token[])[] = []
  const text = textOf(['a', [0xc3], [0xa9], 'b'], seen)
  pushAll(text, 4)
  assert.deepEqual(seen, [[], [0], [0], [0, 1, 2]])
})

test('shows the tokenizer only the last few tokens of a long answer', () => {
  const seen: (readonly Token[])[] = []
  pushAll(textOf(Array.from({ length: 200 }, () => 'a'), seen), 200)
  const last = seen.at(-1)!
  assert.ok(last.length > 0 && last.length < 50, `${last.length} tokens`)
  assert.deepEqual(last, Array.from({ length: last.length }, (_, index) => 199 - last.length + index))
})
