// The checks of other servers, over fake ones on real ports.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { specsOf } from '../../../src/config/configuration.ts'
import { loadConfig } from '../../../src/config/load.ts'
import type { OllamaSpec, OpenAiSpec } from '../../../src/config/specs.ts'
import { checkOllama } from '../../../src/doctor/checks/ollama.ts'
import { checkRemote } from '../../../src/doctor/checks/remote.ts'
import { judgeListing } from '../../../src/doctor/model-listing.ts'
import { unreachable } from '../../../src/doctor/unreachable.ts'
import { fakeOllama } from '../../support/fake-ollama.ts'

const key = 'sk-secret-0123456789'
const patient = () => AbortSignal.timeout(20_000)
const remoteAt = (url: string) => specsOf(loadConfig({ OPENAI_API_KEY: key, OPENAI_BASE_URL: url, HERMES_ENABLE: 'false' })).backends[0] as OpenAiSpec
const ollamaAt = (url: string, contextLength = '2048') => specsOf(loadConfig({ HERMES_FRAMEWORK: 'ollama', OLLAMA_BASE_URL: url, HERMES_CONTEXT_LENGTH: contextLength })).backends[0] as OllamaSpec

async function serverWith(t: TestContext, answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => { server.closeAllConnections(); server.close() })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
}

const answering = (status: number, body: unknown): RequestListener => (_request, response) => void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
const models = (...ids: string[]) => ({ object: 'list', data: ids.map((id) => ({ id, object: 'model' })) })

test('a server that accepts the key and has the model; only its list is asked for', async (t) => {
  const asked: string[] = []
  const url = await serverWith(t, (request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.authorization}`)
    answering(200, models('gpt-6-luna', 'other'))(request, response)
  })
  const { result, message } = await checkRemote(remoteAt(url), [], patient())
  assert.equal(result, 'ok')
  assert.match(message, /answers in \d+ ms, accepts the key and has 2 models\.$/)
  assert.deepEqual(asked, [`GET /v1/models Bearer ${key}`])
})

test('what a server refuses: the key, the quota, the speed, and itself', async (t) => {
  const outcome = async (status: number, error: object) => checkRemote(remoteAt(await serverWith(t, answering(status, { error }))), [], patient())
  const wrongKey = await outcome(401, { message: `Incorrect API key provided: ${key}.`, code: 'invalid_api_key' })
  assert.deepEqual([wrongKey.result, wrongKey.facts!['reason']], ['problem', 'unauthorized'])
  assert.match(wrongKey.advice!, /OPENAI_API_KEY=/)
  assert.ok(!wrongKey.message.includes(key))
  const quota = await outcome(429, { message: 'You exceeded your current quota.', code: 'insufficient_quota' })
  assert.deepEqual([quota.result, quota.facts!['reason']], ['problem', 'quota_exhausted'])
  assert.equal((await outcome(429, { message: 'Slow down.', code: 'rate_limit_exceeded' })).result, 'warning')
  assert.equal((await outcome(503, { message: 'Overloaded.' })).result, 'warning')
  assert.equal((await outcome(404, { message: 'No such route.' })).result, 'ok')
})

test('a page instead of a list, and a server that is not there', async (t) => {
  const page = await checkRemote(remoteAt(await serverWith(t, (_request, response) => response.end('<html></html>'))), [], patient())
  assert.match(page.message, /not in OpenAI's form/)
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  const gone = await checkRemote(remoteAt(`http://127.0.0.1:${port}/v1`), ['HTTPS_PROXY'], patient())
  assert.equal(gone.result, 'problem')
  assert.match(gone.message, /nobody listens there \(ECONNREFUSED\)\. HTTPS_PROXY is set, and Switch asks its backends directly\.$/)
})

test('a server without TLS behind https is told', async (t) => {
  const url = await serverWith(t, answering(200, models('gpt-6-luna')))
  const { message, advice } = await checkRemote(remoteAt(url.replace('http:', 'https:')), [], patient())
  assert.match(message, /it does not speak TLS/)
  assert.match(advice!, /http or https/)
})

test('names that do not resolve, certificates and clocks have their own advice', () => {
  const adviceFor = (code: string) => unreachable(remoteAt('https://api.example.com/v1'), Object.assign(new Error('no'), { code }), []).advice!
  assert.match(adviceFor('ENOTFOUND'), /getent hosts api\.example\.com/)
  assert.match(adviceFor('SELF_SIGNED_CERT_IN_CHAIN'), /NODE_EXTRA_CA_CERTS/)
  assert.match(adviceFor('CERT_NOT_YET_VALID'), /date -u/)
  assert.match(adviceFor('UND_ERR_CONNECT_TIMEOUT'), /firewall/)
})

test('a model that is not listed, or ends soon, and a clock that is wrong', () => {
  const nowMs = Date.UTC(2026, 10, 22)
  const spec = remoteAt('https://api.example.com/v1')
  const judged = (data: object[], date = new Date(nowMs).toUTCString()) => judgeListing(spec, { status: 200, body: JSON.stringify({ data }), date, durationMs: 5 }, {}, nowMs)
  assert.equal(judged([{ id: 'gpt-6-lunar' }]).advice, 'OPENAI_MODEL=gpt-6-lunar')
  assert.equal(judged([{ id: 'gpt-6-luna', shutdown_date: '2026-11-21' }]).result, 'problem')
  assert.equal(judged([{ id: 'gpt-6-luna', shutdown_date: '2026-12-11' }]).message, 'gpt-6-luna will be shut down on 2026-12-11.')
  assert.equal(judged([{ id: 'gpt-6-luna', shutdown_date: '2027-12-11' }]).result, 'ok')
  assert.match(judged([{ id: 'gpt-6-luna' }], new Date(nowMs - 3_600_000).toUTCString()).message, /3600 s ahead of/)
})

test('an Ollama with the model', async (t) => {
  const ollama = await fakeOllama(t)
  const { result, message, facts } = await checkOllama(ollamaAt(ollama.url), patient())
  assert.deepEqual([result, facts!['context_length'], facts!['is_loaded']], ['ok', 131_072, false])
  assert.match(message, /^Ollama 0\.33\.0 at .* has hermes3:3b, with a context of 131072 tokens\.$/)
  assert.deepEqual([ollama.loads, ollama.chats], [[], []], 'nothing is loaded, nothing is generated')
})

test('an Ollama without the model, with too little context, one elsewhere, and none', async (t) => {
  const ollama = await fakeOllama(t)
  ollama.running = [{ name: 'hermes3:3b', context_length: 2048 }]
  const short = await checkOllama(ollamaAt(ollama.url, '8192'), patient())
  assert.equal(short.result, 'warning')
  assert.match(short.advice!, /^ollama stop hermes3:3b/)
  ollama.stored = [{ name: 'hermes3:3b', remote_host: 'https://ollama.com' }]
  assert.match((await checkOllama(ollamaAt(ollama.url), patient())).message, /is answered by https:\/\/ollama\.com/)
  ollama.stored = []
  assert.deepEqual([await checkOllama(ollamaAt(ollama.url), patient())].map(({ result, advice }) => [result, advice]), [['problem', 'ollama pull hermes3:3b']])
  const { url } = ollama
  await ollama.stop()
  const gone = await checkOllama(ollamaAt(url), patient())
  assert.equal(gone.result, 'problem')
  assert.match(gone.advice!, /^ollama serve/)
})

test('an old Ollama, and one that hangs', async (t) => {
  const old = await serverWith(t, (request, response) => answering(200, request.url === '/api/version' ? { version: '0.9.6' } : request.url === '/api/tags' ? { models: [{ name: 'hermes3:3b' }] } : { models: [] })(request, response))
  assert.match((await checkOllama(ollamaAt(new URL(old).origin), patient())).message, /^Ollama 0\.9\.6 cuts prompts/)
  const hanging = await serverWith(t, () => undefined)
  assert.match((await checkOllama(ollamaAt(new URL(hanging).origin), AbortSignal.timeout(50))).message, /did not answer/)
})
