import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LlamaModel, Token } from 'node-llama-cpp'
import { TokenText } from '../../../../../src/backends/llama-cpp/engine/answer/token-text.ts'

type Vocabulary = readonly (string | readonly number[])[]

/** A tokenizer whose tokens are bytes; `seen` collects the tokens it was given. */
function textOf(vocabulary: Vocabulary, seen: (readonly Token[])[] = []): TokenText {
  const detokenize: LlamaModel['detokenize'] = (tokens) => {
    seen.push(tokens)
    return Buffer.concat(tokens.map((token) => Buffer.from(vocabulary[token] as string))).toString('utf8')
  }
  return new TokenText({ detokenize })
}

const isInARow = (tokens: readonly Token[]): boolean => tokens.every((token, index) => index === 0 || token === tokens[index - 1]! + 1)

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

test('a space that the tokenizer leaves out at the beginning of a text is there in the middle of it', () => {
  const words = ['The', ' house', ' is', ' red', [0xf0], [0x9f], ' or']
  const detokenize: LlamaModel['detokenize'] = (tokens) => Buffer.concat(tokens.map((token) => Buffer.from(words[token] as string))).toString('utf8').replace(/^ /, '')
  const text = new TokenText({ detokenize }, [0 as Token])
  const long = Array.from({ length: 60 }, (_, index) => 1 + index % 3)
  for (const token of long) assert.equal(text.push(token as Token), words[token])
  assert.equal([4, 5, 6, 1].map((token) => text.push(token as Token)).join(''), '\uFFFD or house')
})

test('shows the tokenizer only the last few tokens of a long answer', () => {
  const seen: (readonly Token[])[] = []
  pushAll(textOf(Array.from({ length: 200 }, () => 'a'), seen), 200)
  assert.ok(seen.every((tokens) => tokens.length < 50 && isInARow(tokens)))
  assert.ok(seen.slice(20).every((tokens) => tokens.length >= 8))
})
