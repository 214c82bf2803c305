// switch doctor, the command itself: what it prints, and with which code it ends.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { render } from '../../src/cli/doctor.ts'
import type { Report } from '../../src/doctor/run-checks.ts'
import { folderWith } from '../support/models-command.ts'
import { temporaryFolder } from '../support/service.ts'

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

type Outcome = { code: number | null, stdout: string, stderr: string }

async function doctor(t: TestContext, args: string[], env: Record<string, string> = {}, cwd = temporaryFolder(t)): Promise<Outcome> {
  const child = spawn(process.execPath, [main, 'doctor', ...args], { cwd, env: { PATH: process.env['PATH'], ...env }, stdio: ['ignore', 'pipe', 'pipe'], timeout: 100_000, killSignal: 'SIGKILL' })
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit') as Promise<[number | null]>])
  return { code, stdout, stderr }
}

const byName = (stdout: string) => new Map((JSON.parse(stdout) as Report[]).map((report) => [report.check, report]))

test('a sane folder ends with 0, and every check says something', async (t) => {
  const { code, stdout, stderr } = await doctor(t, ['--json'], { PORT: '0', HERMES_MODEL_DIR: folderWith(t, 'mine.gguf') })
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' }, stdout)
  const reports = byName(stdout)
  for (const { check, result, message, advice } of reports.values()) {
    assert.match(message, /[.)]$/, check)
    if (result === 'warning') assert.ok(advice, `${check} says what to do`)
    assert.notEqual(result, 'problem', `${check}: ${message}`)
  }
  for (const check of ['node', 'llama.cpp build', 'engine', 'settings', 'model', 'model memory', 'embedded model']) assert.equal(reports.get(check)?.result, 'ok', check)
})

test('a broken one ends with 1, says how to mend it, and goes on with what can be looked at', async (t) => {
  const server = createServer((_request, response) => response.writeHead(401).end('{"error":{"message":"Incorrect API key provided: sk-very-secret-key.","code":"invalid_api_key"}}')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => { server.closeAllConnections(); server.close() })
  const { port } = server.address() as AddressInfo
  const cwd = temporaryFolder(t)
  const folder = folderWith(t, 'mine.gguf')
  truncateSync(join(folder, 'mine.gguf'), 4_000_000)
  writeFileSync(join(cwd, '.env'), `HERMES_MODEL_DIR=${folder}\nHOST=0.0.0.0\nHERMES_MODEL_NAMES=mine\n`)
  const { code, stdout, stderr } = await doctor(t, [], { PORT: String(port), HERMES_TIMEOUT: 'soon', OPENAI_API_KEY: 'sk-very-secret-key', OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1` }, cwd)
  assert.deepEqual({ code, stderr }, { code: 1, stderr: '' }, stdout)
  assert.equal(stdout, stripVTControlCharacters(stdout), 'no colours without a terminal')
  assert.ok(!stdout.includes('sk-very-secret-key'))
  assert.match(stdout, /^problem {2}settings +HERMES_TIMEOUT: expected a number .*\n +do: HERMES_TIMEOUT=30\n/m)
  assert.match(stdout, /^ +do: Rename HERMES_MODEL_NAMES to HERMES_MODEL_NAME$/m)
  assert.match(stdout, /^problem {2}token +HOST=0\.0\.0\.0 .*\n +do: echo "SWITCH_TOKEN=\$\(openssl rand -hex 32\)" >> \.env$/m)
  assert.match(stdout, new RegExp(`^problem {2}port +Port ${port} on 0\\.0\\.0\\.0 is taken, and not by Switch`, 'm'))
  assert.match(stdout, /^problem {2}model +mine\.gguf is cut short/m)
  assert.match(stdout, /^problem {2}backend openai +openai answered 401: .* The key was refused\.\n +do: .*OPENAI_API_KEY=/m)
  assert.match(stdout, /^ok {7}engine/m)
  assert.match(stdout, /\n\n[5-9] problems, \d+ warnings?, \d+ ok, \d+ skipped\n$/)
})

test('--offline asks nobody far away', async (t) => {
  const { stdout } = await doctor(t, ['--offline', '--json'], { PORT: '0', OPENAI_API_KEY: 'sk-key', OPENAI_BASE_URL: 'https://far.example.com/v1', DEEPSEEK_API_KEY: 'sk-key', DEEPSEEK_BASE_URL: 'http://127.0.0.1:1/v1' })
  const reports = byName(stdout)
  assert.deepEqual([reports.get('backend openai')?.result, reports.get('backend deepseek')?.result], ['skipped', 'problem'])
})

test('a local model of another server leaves llama.cpp alone', async (t) => {
  const { stdout, code } = await doctor(t, ['--json'], { PORT: '0', HERMES_FRAMEWORK: 'ollama', OLLAMA_BASE_URL: 'http://127.0.0.1:1' })
  const reports = byName(stdout)
  assert.deepEqual([code, reports.get('engine')?.result, reports.get('model')?.result], [1, 'skipped', 'skipped'])
  assert.match(reports.get('backend hermes')!.advice!, /^ollama serve/)
})

test('an unknown option is wrong usage', async (t) => {
  const { code, stderr } = await doctor(t, ['--colour'])
  assert.equal(code, 2)
  assert.match(stderr, /Usage: switch doctor/)
})

test('on a terminal each result has its sign, and advice stands beneath its message', () => {
  const reports: Report[] = [
    { check: 'node', result: 'ok', message: 'Fine.' }, { check: 'memory', result: 'warning', message: 'Little.', advice: 'first\nsecond' },
    { check: 'port', result: 'problem', message: 'Taken.', advice: 'PORT=8001' }, { check: 'model', result: 'skipped', message: 'None.' }
  ]
  assert.equal(stripVTControlCharacters(render(reports, true)), [
    '✓  node    Fine.', '!  memory  Little.', '           → first', '           → second', '✗  port    Taken.', '           → PORT=8001', '-  model   None.', '', '1 problem, 1 warning, 1 ok, 1 skipped'
  ].join('\n'))
})
