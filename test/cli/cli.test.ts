// The command itself, each time in a process of its own: what it prints and with which code it ends.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { BackendError } from '../../src/inference/failure.ts'
import { readVersion } from '../../src/version.ts'
import { fakeBackend } from '../support/backends.ts'
import { listening } from '../support/http.ts'
import { build, ready, spawnSwitch, temporaryFolder } from '../support/service.ts'
import type { Environment } from '../../src/config/load.ts'

const launcher = fileURLToPath(new URL('../../bin/switch.js', import.meta.url))
const question = 'What is the capital of France?'
const reply = 'The capital of France is Paris.\n'

type Outcome = { code: number | null, stdout: string, stderr: string }
type RunOptions = { env?: Environment, input?: string, cwd?: string }

/** Runs `switch` with `args` in an empty folder and an environment without settings, and waits for its end. */
async function run(t: TestContext, args: string[], { env = {}, input = '', cwd = temporaryFolder(t) }: RunOptions = {}): Promise<Outcome> {
  const child = spawn(process.execPath, [launcher, ...args], { cwd, env: { PATH: process.env['PATH'], ...env } as NodeJS.ProcessEnv, timeout: 60_000, killSignal: 'SIGKILL' })
  child.stdin.on('error', () => undefined).end(input)
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit') as Promise<[number | null]>])
  return { code, stdout, stderr }
}

/** A program that is not Switch, on a port of its own. */
async function foreignProgram(t: TestContext): Promise<number> {
  const server = createServer((_request, response) => response.end('<html></html>')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  return (server.address() as AddressInfo).port
}

/** A port on which nothing listens. */
async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return String(port)
}

test('--version and --help print to standard output and exit 0', async (t) => {
  assert.deepEqual(await run(t, ['--version']), { code: 0, stdout: `${readVersion()}\n`, stderr: '' })
  const help = await run(t, ['--help'])
  assert.equal(help.code, 0)
  for (const verb of ['serve', 'infer', 'health']) assert.match(help.stdout, new RegExp(`^  ${verb}\\b`, 'm'))
})

for (const args of [[], ['dance'], ['infer'], ['infer', 'Hi', '--colour', 'red'], ['health', '--url']]) {
  test(`${['switch', ...args].join(' ')} is wrong usage: exit 2 with help`, async (t) => {
    const { code, stdout, stderr } = await run(t, args)
    assert.equal(code, 2)
    assert.equal(stdout, '')
    assert.match(stderr, /Usage: switch/)
  })
}

test('infer answers without a running service, and prints nothing but the answer', async (t) => {
  assert.deepEqual(await run(t, ['infer', question, '--temperature', '0'], { env: { PORT: await freePort() } }), { code: 0, stdout: reply, stderr: '' })
})

test('infer --json starts a service of its own when another program has the port', async (t) => {
  const { code, stdout, stderr } = await run(t, ['infer', question, '--temperature', '0', '--json'], { env: { PORT: String(await foreignProgram(t)) } })
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
  const { response, model, source, finish_reason } = JSON.parse(stdout)
  assert.deepEqual({ response, model, source, finish_reason }, { response: reply.trimEnd(), model: 'switch-tiny', source: 'local_hermes', finish_reason: 'stop' })
})

test('with a running service', async (t) => {
  const token = 'vx11-test-token'
  const { url } = await spawnSwitch(t, { SWITCH_TOKEN: token })
  const health = await ready(url)
  const env = { SWITCH_TOKEN: token, PORT: await freePort() }

  await t.test('infer asks the one that --url names', async (step) => {
    assert.deepEqual(await run(step, ['infer', question, '--temperature', '0', '--url', url], { env }), { code: 0, stdout: reply, stderr: '' })
  })

  await t.test('infer finds it at HOST and PORT, also those of .env', async (step) => {
    const cwd = temporaryFolder(step)
    writeFileSync(join(cwd, '.env'), `PORT=${new URL(url).port}\nSWITCH_TOKEN=${token}\n`)
    const { code, stdout } = await run(step, ['infer', question, '--temperature', '0', '--json'], { cwd })
    assert.equal(code, 0)
    assert.equal(JSON.parse(stdout).response, reply.trimEnd())
  })

  await t.test('infer - reads the question from standard input', async (step) => {
    assert.deepEqual(await run(step, ['infer', '-', '--temperature', '0', '--url', url], { env, input: question }), { code: 0, stdout: reply, stderr: '' })
  })

  await t.test('infer keeps to --max-tokens', async (step) => {
    const { code, stdout } = await run(step, ['infer', question, '--max-tokens', '2', '--json', '--url', url], { env })
    assert.equal(code, 0)
    const { usage, finish_reason } = JSON.parse(stdout)
    assert.equal(usage.completion_tokens, 2)
    assert.equal(finish_reason, 'length')
  })

  for (const [args, reason] of [
    [['infer', ''], /prompt: must not be empty/],
    [['infer', '-'], /prompt: must not be empty/],
    [['infer', 'Hi', '--temperature', 'hot'], /temperature: must be a number from 0 to 2/],
    [['infer', 'Hi', '--max-tokens', '0'], /max_tokens: must be a whole number/],
    [['infer', 'Hi', '--timeout', '-1'], /timeout_seconds: must be a number/],
    [['infer', 'Hi', '--model', 'none'], /no route or backend named "none".*hermes/]
  ] as const) {
    await t.test(`${args.map((arg) => arg || '""').join(' ')} is wrong usage: exit 2 with the reason`, async (step) => {
      const { code, stdout, stderr } = await run(step, [...args, '--url', url], { env })
      assert.deepEqual({ code, stdout }, { code: 2, stdout: '' })
      assert.match(stderr, reason)
    })
  }

  await t.test('infer without its token exits 1 and says what is missing', async (step) => {
    const { code, stdout, stderr } = await run(step, ['infer', question, '--url', url])
    assert.deepEqual({ code, stdout }, { code: 1, stdout: '' })
    assert.match(stderr, /token is required.*SWITCH_AUTH_REQUIRED/)
  })

  await t.test('health exits 0 with the model, without a token', async (step) => {
    const { code, stdout } = await run(step, ['health', '--url', url])
    assert.equal(code, 0)
    assert.match(stdout, /^ok: switch-tiny on llama-cpp, \d+(\.\d+)? MB\n$/)
  })

  await t.test('health --json prints the report', async (step) => {
    const { code, stdout } = await run(step, ['health', '--json'], { env: { PORT: new URL(url).port } })
    assert.equal(code, 0)
    const report = JSON.parse(stdout)
    assert.equal(report.status, 'ok')
    assert.equal(report.version, health['version'])
  })
})

test('health exits 1 where nothing listens, and says how to start it', async (t) => {
  const url = `http://127.0.0.1:${await freePort()}`
  const { code, stdout } = await run(t, ['health', '--url', url])
  assert.equal(code, 1)
  assert.ok(stdout.startsWith(`unreachable: No service answers at ${url}`), stdout)
  assert.match(stdout, /switch serve/)
})

test('health exits 1 with the reason while the service cannot answer', async (t) => {
  const url = await listening(await build(t, { backends: [fakeBackend({ state: { status: 'failed', model: 'big-model', reason: 'Model big-model is damaged.' } })] }))
  assert.deepEqual(await run(t, ['health', '--url', url]), { code: 1, stdout: 'degraded: Model big-model is damaged.\n', stderr: '' })
})

test('infer exits 1 where nothing listens at --url', async (t) => {
  const url = `http://127.0.0.1:${await freePort()}`
  const { code, stdout, stderr } = await run(t, ['infer', 'Hi', '--url', url])
  assert.deepEqual({ code, stdout }, { code: 1, stdout: '' })
  assert.ok(stderr.includes(url) && stderr.includes('ECONNREFUSED'), stderr)
})

test('infer exits 1 with the reason when no backend can answer', async (t) => {
  // oxlint-disable-next-line require-yield
  const url = await listening(await build(t, { backends: [fakeBackend({ async *generate() { throw new BackendError('hermes', 'model_unavailable', 'Model big-model is damaged.') } })] }))
  assert.deepEqual(await run(t, ['infer', 'Hi', '--url', url]), { code: 1, stdout: '', stderr: 'Model big-model is damaged. (SWITCH_ROUTE_UNAVAILABLE)\n' })
})

test('infer exits 1 when the answer breaks off in the middle', async (t) => {
  const url = await listening(await build(t, { backends: [fakeBackend({ async *generate() {
    yield { type: 'text', text: 'The capital' }
    throw new BackendError('hermes', 'engine_died', 'The engine died.')
  } })] }))
  const { code, stdout, stderr } = await run(t, ['infer', 'Hi', '--url', url])
  assert.equal(code, 1)
  assert.match(stdout, /^The capital\n?$/)
  assert.match(stderr, /incomplete.*SWITCH_STREAM_INTERRUPTED/)
})

test('serve with wrong settings exits 2 with every problem', async (t) => {
  const { code, stdout, stderr } = await run(t, ['serve'], { env: { PORT: 'abc', HERMES_MAX_QUEUE: '-1', SWITCH_TOKEN: ' , ' } })
  assert.deepEqual({ code, stdout }, { code: 2, stdout: '' })
  assert.match(stderr, /^The configuration has 3 problems:\n/)
  assert.match(stderr, /^ {2}PORT: expected a whole number from 0 to 65535.*, received "abc"$/m)
  assert.match(stderr, /^ {2}HERMES_MAX_QUEUE: expected .*, received "-1"$/m)
  assert.match(stderr, /^ {2}SWITCH_TOKEN: expected at least one token, received \(hidden\)$/m)
})

test('infer and health refuse wrong settings too', async (t) => {
  for (const args of [['infer', 'Hi'], ['health']]) {
    const { code, stderr } = await run(t, args, { env: { PORT: 'abc' } })
    assert.equal(code, 2)
    assert.match(stderr, /PORT: expected/)
  }
})

test('serve on a port in use exits 1 with one sentence that names it', async (t) => {
  const port = await foreignProgram(t)
  const { code, stderr } = await run(t, ['serve'], { env: { PORT: String(port) } })
  assert.equal(code, 1)
  assert.equal(stderr, `Port ${port} on 127.0.0.1 is in use. Stop the program that uses it, or set PORT to another one.\n`)
})

test('serve goes on without a cache where SWITCH_CACHE_DIR cannot be made, and says so', async (t) => {
  const file = join(temporaryFolder(t), 'file')
  writeFileSync(file, '')
  const { url, output } = await spawnSwitch(t, { SWITCH_CACHE_DIR: join(file, 'cache'), HERMES_ENABLE: 'false' })
  const warning = /SWITCH_CACHE_DIR=.*cache cannot be written \(ENOTDIR\)/
  assert.match(output(), warning)
  const { warnings } = await (await fetch(`${url}/switch/health`)).json() as { warnings: string[] }
  assert.equal(warnings.length, 1)
  assert.match(warnings[0]!, warning)
})

test('serve names settings that it does not know, and starts', async (t) => {
  const { output } = await spawnSwitch(t, { HERMES_MODELNAME: 'x', HERMES_ENABLE: 'false' })
  assert.match(output(), /"level":"warn".*HERMES_MODELNAME is no setting of Switch/)
})
