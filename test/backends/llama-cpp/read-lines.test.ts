import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { readLines } from '../../../src/backends/llama-cpp/read-lines.ts'

test('lines are whole wherever the pipe cuts them, and only a line feed ends one', async () => {
  const texts = ['{"a":1}', '', 'ü🙂\u2028\u2029\r', 'the last']
  const stream = new PassThrough()
  const lines: string[] = []
  readLines(stream, (line) => lines.push(line))
  for (const byte of Buffer.from(`${texts.join('\n')}\nnever ended`)) stream.write(Buffer.of(byte))
  stream.end()
  await new Promise((resolve) => { stream.once('end', resolve) })
  assert.deepEqual(lines, texts)
})
