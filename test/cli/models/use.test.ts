// switch models use.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { truncateSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { configurationOf, folderWith, models } from '../../support/models-command.ts'
import { ready, spawnSwitch } from '../../support/service.ts'

/** Says that it is Switch and answers a load as told; collects what was asked. */
async function fakeService(t: TestContext, status: number, body: object): Promise<{ port: string, loads: { token: unknown, body: unknown }[] }> {
  const loads: { token: unknown, body: unknown }[] = []
  const server = createServer(async (request, response) => {
    response.setHeader('Content-Type', 'application/json')
    if (request.method === 'GET') return void response.end('{"module":"switch"}')
    loads.push({ token: request.headers['x-vx11-token'], body: await json(request) })
    response.writeHead(status).end(JSON.stringify(body))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  return { port: String((server.address() as AddressInfo).port), loads }
}

test('use writes the choice and says from when it holds', async (t) => {
  const folder = folderWith(t, 'one.gguf', 'two.gguf')
  const { code, stdout } = await models(t, ['use', 'two'], { HERMES_MODEL_DIR: folder })
  assert.equal(code, 0)
  assert.match(stdout, /^two is the default model of .*\nNo Switch listens at http:\/\/127\.0\.0\.1:1: it holds from the next start\.\n$/)
  assert.equal(configurationOf(folder).default_model, 'two')
  const behind = await models(t, ['use', 'one', '--fallback', '--json'], { HERMES_MODEL_DIR: folder })
  const { model, role, notes } = JSON.parse(behind.stdout)
  assert.deepEqual({ model, role, notes }, { model: 'one', role: 'fallback', notes: ['HERMES_FALLBACK_MODEL is not set: set it to auto, and it holds from the next start.'] })
  assert.deepEqual([configurationOf(folder).default_model, configurationOf(folder).fallback_model], ['two', 'one'])
})

test('use has a running service change over and says what came of it', async (t) => {
  const folder = folderWith(t, 'one.gguf')
  for (const [status, body, expected, code] of [
    [200, {}, /answers with one now/, 0],
    [404, { error: 'There is nothing', code: 'SWITCH_HTTP_NOT_FOUND' }, /cannot change over while it runs: restart it/, 0],
    [503, { error: 'It needs 900 MB.', code: 'SWITCH_MODEL_UNAVAILABLE' }, /did not change over: It needs 900 MB\./, 1]
  ] as const) {
    const { port, loads } = await fakeService(t, status, body)
    const outcome = await models(t, ['use', 'one'], { HERMES_MODEL_DIR: folder, PORT: port, SWITCH_TOKEN: 'secret' })
    assert.match(outcome.stdout + outcome.stderr, expected)
    assert.equal(outcome.code, code)
    assert.deepEqual(loads, [{ token: 'secret', body: { model: 'one' } }])
  }
})

test('use leaves a service alone that takes its models from another folder, and one that is told its model', async (t) => {
  const folder = folderWith(t, 'one.gguf')
  const { port, loads } = await fakeService(t, 200, {})
  const other = await models(t, ['use', 'one', '--dir', folder], { PORT: port })
  assert.match(other.stdout, /holds for a service with HERMES_MODEL_DIR=/)
  assert.deepEqual(loads, [])
  const named = await models(t, ['use', 'one'], { HERMES_MODEL_DIR: folder, HERMES_MODEL_NAME: 'two' })
  assert.match(named.stdout, /HERMES_MODEL_NAME is two and goes first/)
})

test('the embedded model can be chosen; one that is not there, cannot be read or is unknown cannot', async (t) => {
  const folder = folderWith(t, 'cut.gguf')
  truncateSync(join(folder, 'cut.gguf'), 4_000_000)
  assert.equal((await models(t, ['use', 'switch-tiny', '--dir', folder])).code, 0)
  assert.equal(configurationOf(folder).default_model, 'switch-tiny')
  assert.equal(JSON.parse((await models(t, ['list', '--json', '--dir', folder])).stdout).default_model, 'switch-tiny')
  for (const [name, code, expected] of [['hermes-3b-q4', 1, /npx switch models pull hermes-3b-q4/], ['cut', 1, /cut short/], ['herms-3b-q4', 2, /Did you mean hermes-3b-q4.*In the catalogue: hermes-3b-q4, /]] as const) {
    const outcome = await models(t, ['use', name, '--dir', folder])
    assert.deepEqual([outcome.code, outcome.stdout], [code, ''])
    assert.match(outcome.stderr, expected)
  }
  assert.equal(configurationOf(folder).default_model, 'switch-tiny')
})

test('a model that was chosen answers after the start, and another one without a restart', async (t) => {
  const folder = folderWith(t, 'one.gguf', 'two.gguf')
  await models(t, ['use', 'two', '--dir', folder])
  const { url } = await spawnSwitch(t, { HERMES_MODEL_DIR: folder })
  assert.equal((await ready(url))['model'], 'two')
  const { code, stdout, stderr } = await models(t, ['use', 'one'], { HERMES_MODEL_DIR: folder, PORT: new URL(url).port })
  assert.equal(code, 0, stdout + stderr)
  assert.match(stdout, /answers with one now/)
  assert.equal((await ready(url))['model'], 'one')
})
