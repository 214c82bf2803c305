import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { loadConfig } from '../src/config/load.ts'
import { startServer } from '../src/server.ts'
import type { RunningServer } from '../src/server.ts'
import { ready, silentLogger } from './support/service.ts'

const run = promisify(execFile)
const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const blocks = [...readme.matchAll(/```(\w+)\n([^]*?)```/g)].map(([, language, text]) => ({ language: language!, text: text! }))
const curls = blocks.filter(({ language, text }) => language === 'sh' && text.startsWith('curl'))

let server: RunningServer
before(async () => {
  server = await startServer(loadConfig({ PORT: '0', HERMES_MODEL_NAME: 'switch-tiny' }), silentLogger)
  await ready(server.url)
})
after(() => server.close())

/** Runs an example of the README against the test's own server. */
async function example(text: string): Promise<string> {
  const { stdout } = await run('sh', ['-c', text.replaceAll('http://127.0.0.1:8000', server.url)])
  return stdout
}

test('the README has curl examples', () => assert.ok(curls.length >= 3))

test('the first answer is as the README shows it, field by field', async () => {
  const shown = JSON.parse(blocks.find(({ language, text }) => language === 'json' && text.includes('inference_id'))!.text) as Record<string, unknown>
  const got = JSON.parse(await example(curls[0]!.text)) as Record<string, unknown>
  assert.deepEqual(Object.keys(got), Object.keys(shown))
  for (const field of ['prompt', 'response', 'model', 'tokens_used', 'source', 'degraded', 'finish_reason', 'usage']) assert.deepEqual(got[field], shown[field], field)
  assert.deepEqual(Object.keys((got['attempts'] as object[])[0]!), Object.keys((shown['attempts'] as object[])[0]!))
})

test('the stream begins and ends as the README shows it', async () => {
  const events = await example(curls[1]!.text)
  assert.ok(events.startsWith('event: delta\ndata: {"text":"1"}\n\nevent: delta\ndata: {"text":",'), events)
  assert.equal([...events.matchAll(/^data: \{"text":"([^"]*)"\}$/gm)].map(([, text]) => text).join(''), '1, 2, 3')
  assert.match(events, /event: done\ndata: \{"inference_id":"inf_[^\n]+"response":"1, 2, 3"/)
})

test('an OpenAI client streams as the README shows it', async () => {
  const events = await example(curls.find(({ text }) => text.includes('/v1/chat/completions'))!.text)
  const texts = [...events.matchAll(/^data: (\{.*)$/gm)].map(([, data]) => (JSON.parse(data!) as { choices: { delta: { content?: string } }[] }).choices[0]?.delta.content ?? '')
  assert.equal(texts.join(''), '1, 2, 3')
  assert.ok(events.endsWith('data: [DONE]\n\n'))
})

test('health is as the README shows it', async () => {
  const shown = JSON.parse(blocks.find(({ language, text }) => language === 'json' && text.includes('context_ready'))!.text) as Record<string, unknown>
  const got = JSON.parse(await example(curls.find(({ text }) => text.includes('/switch/health'))!.text)) as Record<string, unknown>
  for (const field of ['status', 'model', 'framework', 'context_ready']) assert.deepEqual(got[field], shown[field], field)
  assert.equal(typeof got['memory_usage_mb'], 'number')
})

test('every file that the README links to is there', () => {
  for (const [, target] of readme.matchAll(/\]\((?!http)([^)#]+)\)/g)) assert.ok(readFileSync(new URL(`../${target}`, import.meta.url)).length > 0, target)
})

test('every npm command of the README and of CONTRIBUTING is a script', () => {
  const { scripts } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { scripts: Record<string, string> }
  const text = readme + readFileSync(new URL('../CONTRIBUTING.md', import.meta.url), 'utf8')
  for (const [, name] of text.matchAll(/npm run ([\w:]+)/g)) assert.ok(Object.hasOwn(scripts, name!), `npm run ${name}`)
})
