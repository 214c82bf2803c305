import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { listen, ready } from '../support/service.ts'

const run = promisify(execFile)
const packages = fileURLToPath(new URL('../../node_modules/.cache/python', import.meta.url))

const script = `
import json, os, openai
client = openai.OpenAI(base_url=os.environ["URL"] + "/v1", api_key="secret", max_retries=0)
question = dict(model="default", temperature=0, messages=[{"role": "user", "content": "What is the capital of France?"}])
chat = client.chat.completions.create(**question)
stream = "".join((chunk.choices[0].delta.content or "") for chunk in client.chat.completions.create(**question, stream=True) if chunk.choices)
response = client.responses.create(model="default", input="What is the capital of France?", temperature=0)
tools = [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"enum": ["Paris", "Madrid"]}}, "required": ["city"]}}}]
call = client.chat.completions.create(**question, tools=tools, tool_choice="required").choices[0].message.tool_calls[0]
try:
    client.chat.completions.create(**{**question, "model": "gpt-unknown"})
    error = None
except openai.NotFoundError as caught:
    error = caught.code
print(json.dumps(dict(chat=chat.choices[0].message.content, tokens=chat.usage.completion_tokens, stream=stream, response=response.output_text, tool=call.function.name, city=json.loads(call.function.arguments)["city"], error=error)))
`

/** Why there is no openai package for Python here; undefined when there is. Asks pip once. */
function whyNot(): string | undefined {
  const canImport = () => spawnSync('python3', ['-c', 'import openai'], { env: withPackages }).status === 0
  if (canImport()) return undefined
  if (spawnSync('python3', ['-m', 'pip', '--version']).status !== 0) return 'Python 3 with pip is not on PATH'
  const { status, stderr } = spawnSync('python3', ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--retries', '0', '--timeout', '5', '--target', packages, 'openai'], { timeout: 90_000, encoding: 'utf8' })
  if (status === 0 && existsSync(join(packages, 'openai')) && canImport()) return undefined
  return `pip cannot install openai: ${(stderr ?? '').trim().split('\n').at(-1) || 'it took too long'}`
}

const withPackages = { ...process.env, PYTHONPATH: packages }
const reason = whyNot()

test('the Python package openai, unmodified', { skip: reason ?? false }, async (t) => {
  const { url } = await listen(t, { SWITCH_TOKEN: 'secret' })
  await ready(url)
  const { stdout } = await run('python3', ['-c', script], { env: { ...withPackages, URL: url } })
  const { city, ...rest } = JSON.parse(stdout) as Record<string, unknown>
  assert.deepEqual(rest, {
    chat: 'The capital of France is Paris.', tokens: 11, stream: 'The capital of France is Paris.', response: 'The capital of France is Paris.', tool: 'weather', error: 'model_not_found'
  })
  assert.match(city as string, /^(Paris|Madrid)$/)
})
