import assert from 'node:assert/strict'
import { test } from 'node:test'
import { longestLineBytes, readLines } from '../../../src/backends/ollama/lines.ts'

async function lines(...chunks: (string | Uint8Array)[]): Promise<string[]> {
  async function* bytes() {
    for (const chunk of chunks) yield Buffer.from(chunk)
  }
  return Array.fromAsync(readLines(bytes(), () => new Error('too long')))
}

test('gives the same lines wherever the bytes are cut', async () => {
  const text = '{"a":"ü"}\n\r\n{"b":"🙂"}\r\n{"c":1}'
  const bytes = Buffer.from(text)
  for (let cut = 0; cut <= bytes.length; cut++) assert.deepEqual(await lines(bytes.subarray(0, cut), bytes.subarray(cut)), ['{"a":"ü"}', '{"b":"🙂"}', '{"c":1}'], `cut at ${cut}`)
})

test('nothing, or only line ends, are no lines', async () => {
  assert.deepEqual(await lines(), [])
  assert.deepEqual(await lines('\n', '', '\n\n'), [])
})

test('a line of 8 MB is the longest', async () => {
  const longest = 'x'.repeat(longestLineBytes)
  assert.deepEqual((await lines(`${longest}\nb`)).map(({ length }) => length), [longestLineBytes, 1])
  await assert.rejects(lines(`${longest}x\nb`), /too long/)
  await assert.rejects(lines(longest, 'x'), /too long/)
})
