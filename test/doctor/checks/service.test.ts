// The checks of the service to be: settings, token, port, routes, proxy.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { specsOf } from '../../../src/config/configuration.ts'
import { loadConfig } from '../../../src/config/load.ts'
import type { Environment } from '../../../src/config/load.ts'
import { checkPort } from '../../../src/doctor/checks/port.ts'
import { checkProxy } from '../../../src/doctor/checks/proxy.ts'
import { checkRoutes } from '../../../src/doctor/checks/routes.ts'
import { checkSettings } from '../../../src/doctor/checks/settings.ts'
import { checkToken } from '../../../src/doctor/checks/token.ts'
import { temporaryFolder } from '../../support/service.ts'

const settings = (environment: Environment, container?: string) => checkSettings({ environment, config: loadConfig(environment), problems: [], container })
const patient = () => AbortSignal.timeout(20_000)

async function portOf(t: TestContext, answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => { server.closeAllConnections(); server.close() })
  return String((server.address() as AddressInfo).port)
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

test('wrong settings come with what they take and a default to paste', () => {
  const config = loadConfig({})
  const { result, message, advice } = checkSettings({ environment: {}, config, problems: [{ name: 'PORT', expected: 'a number', received: '"abc"' }, { name: 'backends.vllm.model', expected: 'text', received: 'nothing' }], container: undefined })
  assert.equal(result, 'problem')
  assert.equal(message, 'PORT: expected a number, received "abc". backends.vllm.model: expected text, received nothing.')
  assert.equal(advice, 'PORT=8000\nMend backends.vllm.model, then: npx switch config check')
})

test('a slip of the pen names the setting that was meant', () => {
  const { result, message, advice } = settings({ HERMES_MODEL: 'x', SWITCH_TOKN: 'secret-value' })
  assert.equal(result, 'warning')
  assert.ok(!message.includes('secret-value'))
  assert.match(advice!, /Rename SWITCH_TOKN to SWITCH_TOKEN/)
})

test('settings that have no effect as things are', () => {
  const idle = (environment: Environment, container?: string) => [...settings(environment, container).message.matchAll(/(\w+) has no effect/g)].map(([, name]) => name)
  assert.deepEqual(idle({ OPENAI_MODEL: 'gpt-x', OTEL_SERVICE_NAME: 'mine' }), ['OPENAI_MODEL', 'OTEL_SERVICE_NAME'])
  assert.deepEqual(idle({ OPENAI_MODEL: 'gpt-x', OPENAI_API_KEY: 'sk' }), [])
  assert.deepEqual(idle({ HERMES_FRAMEWORK: 'ollama', HERMES_THREADS: '2' }), ['HERMES_THREADS'])
  assert.deepEqual(idle({ HERMES_ENABLE: 'false', HERMES_MODEL_NAME: 'x', HERMES_TIMEOUT: '9' }), ['HERMES_MODEL_NAME'])
  assert.deepEqual([idle({ OLLAMA_BASE_URL: 'http://ollama:11434' }), idle({ OLLAMA_BASE_URL: 'http://ollama:11434' }, 'docker')], [['OLLAMA_BASE_URL'], []])
  assert.deepEqual(idle({ HERMES_THREADS: '0', HERMES_FRAMEWORK: 'ollama' }), [], 'the default changes nothing')
  assert.equal(settings({}).result, 'ok')
})

test('a token is needed where others can reach the service, and is not to be guessed', () => {
  const open = { ...loadConfig({}), HOST: '0.0.0.0' }
  assert.deepEqual([checkToken(open)].map(({ result, advice }) => [result, advice]), [['problem', 'echo "SWITCH_TOKEN=$(openssl rand -hex 32)" >> .env']])
  assert.equal(checkToken(loadConfig({})).result, 'ok')
  for (const token of ['qz7', 'aaaaaaaaaaaaaaaaaaaaaaaa', 'your-secret-token-here']) {
    const { result, message } = checkToken({ ...open, SWITCH_TOKEN: token })
    assert.equal(result, 'warning', token)
    assert.ok(!message.includes(token))
  }
  assert.equal(checkToken({ ...open, SWITCH_TOKEN: '3f9c1e7a5b2d8046c1e7a5b2d80463f9' }).result, 'ok')
})

test('a free port, a chosen one, and an address of another machine', async () => {
  const port = await freePort()
  assert.equal((await checkPort(loadConfig({ PORT: port }), patient())).message, `Port ${port} on 127.0.0.1 is free.`)
  assert.match((await checkPort(loadConfig({ PORT: '0' }), patient())).message, /free port at each start/)
  assert.match((await checkPort({ ...loadConfig({ PORT: port }), HOST: '192.0.2.1' }, patient())).advice!, /HOST=127\.0\.0\.1/)
})

test('a port that another program has', async (t) => {
  const port = await portOf(t, (_request, response) => response.end('<html></html>'))
  const { result, message, advice } = await checkPort(loadConfig({ PORT: port }), patient())
  assert.equal(result, 'problem')
  assert.equal(message, `Port ${port} on 127.0.0.1 is taken, and not by Switch.`)
  assert.match(advice!, new RegExp(`sport = :${port}[^]*PORT=\\d+$`))
})

test('a port that a running Switch has tells its health', async (t) => {
  const health: { status: string, model: string, version: string, uptime_s: number, reason?: string } = { status: 'ok', model: 'mini', version: '0.1.0', uptime_s: 12 }
  const port = await portOf(t, (request, response) => response.end(JSON.stringify(request.url === '/health' ? { module: 'switch' } : health)))
  assert.equal((await checkPort(loadConfig({ PORT: port }), patient())).message, `A Switch 0.1.0 runs at http://127.0.0.1:${port} since 12 s: ok, mini.`)
  Object.assign(health, { status: 'degraded', reason: 'It is loading.' })
  const degraded = await checkPort(loadConfig({ PORT: port }), patient())
  assert.equal(degraded.result, 'warning')
  assert.match(degraded.message, /degraded, mini\. It is loading\.$/)
})

test('a default route that nobody would answer is a problem', (t) => {
  const folder = temporaryFolder(t)
  const routes = (environment: Environment) => checkRoutes(specsOf(loadConfig({ HERMES_MODEL_DIR: folder, ...environment })))
  assert.equal(routes({}).message, 'The default route asks hermes (switch-tiny). Not configured: openai.')
  assert.equal(routes({ OPENAI_API_KEY: 'sk' }).message, 'The default route asks openai (gpt-6-luna). It passes over: hermes has no model.')
  assert.match(routes({ HERMES_ENABLE: 'false' }).message, /no backend is configured/)
  assert.deepEqual([routes({ HERMES_MODEL_NAME: 'none' })].map(({ result }) => result), ['problem'])
  assert.match(routes({ HERMES_MODEL_NAME: 'none' }).message, /hermes has no model/)
})

test('a proxy is told where a backend is far away, and unchecked certificates are a problem', () => {
  assert.equal(checkProxy({}, true).message, 'No proxy is set.')
  assert.equal(checkProxy({ NO_PROXY: 'localhost' }, true).message, 'No proxy is set.')
  assert.equal(checkProxy({ https_proxy: 'http://user:secret@proxy:3128' }, false).message, 'https_proxy is set: models are pulled through it, and backends are asked directly.')
  assert.equal(checkProxy({ HTTPS_PROXY: 'http://proxy:3128' }, true).result, 'warning')
  assert.match(checkProxy({ NODE_TLS_REJECT_UNAUTHORIZED: '0' }, true).advice!, /^unset NODE_TLS_REJECT_UNAUTHORIZED/)
})
