// switch config check: what it prints, and its exit codes.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from '../support/service.ts'
import { yamlFile } from './support.ts'

const launcher = fileURLToPath(new URL('../../bin/switch.js', import.meta.url))

function check(t: TestContext, args: string[], env: Record<string, string> = {}): { status: number | null, stdout: string, stderr: string } {
  const folder = temporaryFolder(t)
  return spawnSync(process.execPath, [launcher, 'config', 'check', ...args], { cwd: folder, encoding: 'utf8', env: { PATH: process.env['PATH'], HERMES_MODEL_DIR: folder, ...env } as NodeJS.ProcessEnv })
}

const good = "backends: { box: { type: openai, base_url: 'http://gpu:1/v1', model: big, api_key: '${BOX_KEY}' } }\nroutes: { default: [box, openai, hermes], calm: { backends: [hermes], private: true } }\n"

test('prints backends and routes without a secret and exits 0', (t) => {
  const path = yamlFile(t, good)
  const { status, stdout, stderr } = check(t, [path], { BOX_KEY: 'secret-key', HERMES_TIMEUOT: '1' })
  assert.deepEqual({ status, stderr }, { status: 0, stderr: '' })
  assert.ok(stdout.startsWith(`ok: ${path}\n`), stdout)
  assert.match(stdout, /box +openai +big at http:\/\/gpu:1\/v1, with a key\n/)
  assert.match(stdout, /default +box, hermes \(not configured: openai\)\n/)
  assert.match(stdout, /calm +hermes \(private\)\n/)
  assert.match(stdout, /warning: HERMES_TIMEUOT is no setting/)
  assert.doesNotMatch(stdout, /secret-key/)
})

test('--json prints the same for programs', (t) => {
  const path = yamlFile(t, good)
  const { status, stdout } = check(t, ['--json'], { SWITCH_CONFIG: path, BOX_KEY: 'secret-key' })
  assert.equal(status, 0)
  assert.doesNotMatch(stdout, /secret-key/)
  const { ok, file, backends, routes } = JSON.parse(stdout) as { ok: boolean, file: string, backends: { name: string, apiKey?: string }[], routes: { name: string, isPrivate: boolean }[] }
  assert.deepEqual([ok, file], [true, path])
  assert.deepEqual(backends.map(({ name, apiKey }) => [name, apiKey]), [['hermes', undefined], ['box', '(hidden)']])
  assert.deepEqual(routes.filter(({ isPrivate }) => isPrivate).map(({ name }) => name), ['calm'])
})

test('lists every problem of the environment and of the file on standard error and exits 2', (t) => {
  const { status, stdout, stderr } = check(t, [yamlFile(t, good)], { PORT: 'x' })
  assert.deepEqual({ status, stdout }, { status: 2, stdout: '' })
  assert.match(stderr, /^2 problems:\n {2}PORT: expected .*\n {2}backends\.box\.api_key: expected the environment variable BOX_KEY to be set, received nothing\n$/)
})

test('--json lists the problems on standard output and exits 2', (t) => {
  const { status, stdout } = check(t, ['none.yaml', '--json'])
  assert.equal(status, 2)
  assert.deepEqual(JSON.parse(stdout), { ok: false, file: 'none.yaml', problems: [{ name: 'none.yaml', expected: 'a readable YAML file in UTF-8 of at most 1 MiB', received: 'no such file' }] })
})

test('checks the environment alone where no file is named', (t) => {
  const { status, stdout } = check(t, [])
  assert.equal(status, 0)
  assert.match(stdout, /^ok: the environment, without a file\n/)
})
