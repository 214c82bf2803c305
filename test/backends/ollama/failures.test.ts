import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { isLocalHost, ollamaServer } from '../../../src/backends/ollama/server.ts'
import { connectionFailure } from '../../../src/backends/ollama/transport-failures.ts'
import { contextExceeded, fakeOllama, serverBusy } from '../../support/fake-ollama.ts'
import { backendAt, collect, failure, hi, never } from './ollama.ts'

test('a model that was not pulled: says how to pull it', async (t) => {
  const error = await failure(t, await fakeOllama(t), { status: 404, error: "model 'hermes3:3b' not found" }, 'model_not_found')
  assert.equal(error.status, 404)
  assert.match(error.message, /`ollama pull hermes3:3b`/)
})

test('a server without the route of chats: says that the base URL is wrong', async (t) => {
  const error = await failure(t, await fakeOllama(t), { status: 404, body: '404 page not found' }, 'model_not_found')
  assert.match(error.message, /base URL/)
})

test('a prompt over the context, in llama-server’s words inside the error text: gives the numbers', async (t) => {
  const error = await failure(t, await fakeOllama(t), contextExceeded(9412, 2048), 'context_length_exceeded')
  assert.equal(error.status, 400)
  assert.deepEqual(error.facts, { prompt_tokens: 9412, context_length: 2048 })
  assert.match(error.message, /9412.*2048/)
})

test('a prompt over the context, in Ollama’s own words', async (t) => {
  const error = await failure(t, await fakeOllama(t), { status: 400, error: 'the prompt is longer than the context length currently available to the model; shorten it' }, 'context_length_exceeded')
  assert.deepEqual(error.facts, {})
})

test('any other 400 is the request’s fault, with Ollama’s reason', async (t) => {
  const error = await failure(t, await fakeOllama(t), { status: 400, error: '"hermes3:3b" does not support thinking' }, 'rejected')
  assert.match(error.message, /does not support thinking/)
})

test('401 and an empty 403 are no authorization', async (t) => {
  const ollama = await fakeOllama(t)
  await failure(t, ollama, { status: 401, error: 'unauthorized' }, 'unauthorized')
  assert.match((await failure(t, ollama, { status: 403 }, 'unauthorized')).message, /OLLAMA_HOST/)
  assert.match((await failure(t, ollama, { status: 403, error: 'ollama cloud is disabled' }, 'unauthorized')).message, /cloud is disabled/)
})

test('a full queue is time’s matter; another 503 is not', async (t) => {
  const ollama = await fakeOllama(t)
  await failure(t, ollama, serverBusy, 'rate_limited')
  await failure(t, ollama, { status: 503, body: '<html>maintenance</html>' }, 'server_error')
})

test('tells when a proxy wants to be asked again', async (t) => {
  const error = await failure(t, await fakeOllama(t), { status: 429, error: 'slow down', headers: { 'retry-after': '7' } }, 'rate_limited')
  assert.equal(error.retryAfterSeconds, 7)
})

test('500 with a text about memory is out of memory', async (t) => {
  const ollama = await fakeOllama(t)
  for (const error of ['model requires more system memory (5.6 GiB) than is available (2.1 GiB)', 'llama-server process has terminated: cudaMalloc failed: out of memory', 'unable to load full model on GPU']) {
    await failure(t, ollama, { status: 500, error }, 'out_of_memory')
  }
})

test('any other 500 is a server error, its text for the log only', async (t) => {
  const error = await failure(t, await fakeOllama(t), { status: 500, error: 'llama-server binary not found (checked: /opt/secret)' }, 'server_error')
  assert.equal(error.status, 500)
  assert.doesNotMatch(error.message, /secret/)
  assert.match(String(error.cause), /secret/)
})

test('a redirect is not followed', async (t) => {
  await failure(t, await fakeOllama(t), { status: 307, body: '', headers: { location: 'http://127.0.0.1:1/' } }, 'protocol')
})

test('a server that is away: says where and what to do', async (t) => {
  const ollama = await fakeOllama(t)
  const { url } = ollama
  const backend = backendAt(t, url)
  await ollama.stop()
  const { error } = await collect(backend.generate(hi, never))
  assert.equal(error?.reason, 'connection')
  assert.match(error.message, new RegExp(`${url} .*ollama serve`))
  assert.equal(backend.state().status, 'failed')
  assert.equal(backend.state().reason, error.message)
})

test('a server that speaks something else than HTTP', async (t) => {
  const server = createServer((socket) => socket.once('data', () => socket.end('SSH-2.0-OpenSSH_9.2\r\n'))).listen(0, '127.0.0.1')
  t.after(() => server.close())
  await once(server, 'listening')
  const { error } = await collect(backendAt(t, `http://127.0.0.1:${(server.address() as AddressInfo).port}`).generate(hi, never))
  assert.equal(error?.reason, 'protocol')
})

test('no network at all is told apart from a server that is away', () => {
  const reasonOf = (baseUrl: string, code: string) => connectionFailure(ollamaServer('ollama', 'm', baseUrl), Object.assign(new Error(code), { code })).reason
  assert.equal(reasonOf('https://ollama.example.com', 'ENETUNREACH'), 'network_down')
  assert.equal(reasonOf('https://ollama.example.com', 'EAI_AGAIN'), 'network_down')
  assert.equal(reasonOf('https://ollama.example.com', 'ENOTFOUND'), 'connection')
  assert.equal(reasonOf('https://ollama.example.com', 'UND_ERR_CONNECT_TIMEOUT'), 'connection')
  // Docker's name server answers so for a service that is stopped.
  assert.equal(reasonOf('http://ollama:11434', 'EAI_AGAIN'), 'connection')
})

test('a host is local on this machine, in a private network, and under a name that only that knows', () => {
  for (const host of ['localhost', '127.0.0.1', '127.1.2.3', '[::1]', '10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.1.5', '[fd00::1]', 'ollama', 'box.local', 'llm.corp.internal']) assert.ok(isLocalHost(host), host)
  for (const host of ['ollama.com', '8.8.8.8', '172.32.0.1', '172.15.0.1', '192.169.0.1', '11.0.0.1', '[2001:db8::1]', 'local.example.com']) assert.ok(!isLocalHost(host), host)
})
