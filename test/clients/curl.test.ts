import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { listen, ready } from '../support/service.ts'

const run = promisify(execFile)
const hasCurl = spawnSync('curl', ['--version']).status === 0

test('curl -N shows the stream of /v1 as it comes, to the end', { skip: !hasCurl && 'curl is not on PATH' }, async (t) => {
  const { url } = await listen(t)
  await ready(url)
  const body = JSON.stringify({ model: 'default', temperature: 0, stream: true, messages: [{ role: 'user', content: 'Count from 1 to 5.' }] })
  const { stdout } = await run('curl', ['-sN', `${url}/v1/chat/completions`, '-H', 'Content-Type: application/json', '-d', body])
  const events = stdout.trim().split('\n\n')
  assert.equal(events.at(-1), 'data: [DONE]')
  const chunks = events.slice(0, -1).map((event) => JSON.parse(event.slice('data: '.length)) as { choices: { delta: { role?: string, content?: string }, finish_reason: string | null }[] })
  assert.equal(chunks[0]!.choices[0]!.delta.role, 'assistant')
  assert.equal(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join(''), '1, 2, 3, 4, 5')
  assert.equal(chunks.at(-1)!.choices[0]!.finish_reason, 'stop')
})
