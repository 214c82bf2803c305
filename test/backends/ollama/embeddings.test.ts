import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import type { OllamaBackend } from '../../../src/backends/ollama/backend.ts'
import { BackendError } from '../../../src/inference/failure.ts'
import type { FakeChat } from '../../support/fake-ollama.ts'
import { fakeOllama } from '../../support/fake-ollama.ts'
import { backendAt, never, until } from './ollama.ts'

async function failure(backend: OllamaBackend): Promise<BackendError> {
  const error: unknown = await backend.embed({ texts: ['a', 'bb'] }, never).then(() => assert.fail('it gave vectors'), (reason: unknown) => reason)
  assert.ok(error instanceof BackendError, String(error))
  return error
}

test('gives a vector for each text, of a model of its own and with that model\'s own context', async (t) => {
  const ollama = await fakeOllama(t)
  ollama.stored.push({ name: 'nomic-embed-text:latest' })
  const backend = backendAt(t, ollama.url, { embeddingModel: 'nomic-embed-text', keepAliveSeconds: 60 })
  assert.deepEqual(await backend.embed({ texts: ['a', 'bb'], dimensions: 2 }, never), { model: 'nomic-embed-text', vectors: [[1, 0.5], [2, 0.5]], promptTokens: 9 })
  assert.deepEqual(ollama.embeds, [{ model: 'nomic-embed-text', input: ['a', 'bb'], truncate: false, dimensions: 2, keep_alive: 60 }])
})

test('asks the model that answers where no other is named, and does not make Ollama load it anew', async (t) => {
  const ollama = await fakeOllama(t)
  await backendAt(t, ollama.url).embed({ texts: ['a'] }, never)
  assert.deepEqual(ollama.embeds, [{ model: 'hermes3:3b', input: ['a'], truncate: false, keep_alive: -1, options: { num_ctx: 2048 } }])
})

test('a model that is not there is named with what to do', async (t) => {
  const ollama = await fakeOllama(t)
  const error = await failure(backendAt(t, ollama.url, { embeddingModel: 'nomic-embed-text' }))
  assert.deepEqual([error.reason, error.status, /ollama pull nomic-embed-text/.test(error.message)], ['rejected', undefined, true])
  assert.equal(ollama.embeds.length, 0)
})

test('no text leaves the operator\'s machines', async (t) => {
  const ollama = await fakeOllama(t)
  ollama.stored.push({ name: 'e:latest', remote_host: 'https://ollama.com' })
  assert.equal((await failure(backendAt(t, ollama.url, { embeddingModel: 'e' }))).reason, 'rejected')
  assert.equal(ollama.embeds.length, 0)
  assert.throws(() => backendAt(t, ollama.url, { embeddingModel: 'e:cloud' }), /Set a model without the cloud suffix, for example nomic-embed-text/)
})

const replies: [what: string, chat: FakeChat, reason: string, message: RegExp][] = [
  ['a model without embeddings', { status: 501, error: JSON.stringify({ error: { code: 501, message: 'This server does not support embeddings. Start it with `--embeddings`', type: 'not_supported_error' } }) }, 'rejected', /Set embedding_model/],
  ['a text that is too long', { status: 400, error: 'the input length exceeds the context length' }, 'context_length_exceeded', /Shorten/],
  ['a model that is gone', { status: 404, error: 'model "hermes3:3b" not found, try pulling it first' }, 'rejected', /ollama pull/],
  ['a full queue', { status: 503, error: 'server busy, please try again.  maximum pending requests exceeded' }, 'rate_limited', /busy/],
  ['a page of HTML', { body: '<html></html>' }, 'protocol', /no JSON/],
  ['too few vectors', { body: '{"embeddings":[[1]]}' }, 'protocol', /no vector for each text/],
  ['vectors that are no numbers', { body: '{"embeddings":[["a"],[1]]}' }, 'protocol', /no vector for each text/]
]

for (const [what, embed, reason, message] of replies) {
  test(`${what} is ${reason}`, async (t) => {
    const ollama = await fakeOllama(t)
    ollama.embed = embed
    const error = await failure(backendAt(t, ollama.url))
    assert.equal(error.reason, reason)
    // A status would say that the texts are at fault.
    if (reason === 'rejected') assert.equal(error.status, undefined)
    assert.match(error.message, message)
  })
}

test('a server that is away is connection', async (t) => {
  const ollama = await fakeOllama(t)
  const backend = backendAt(t, ollama.url)
  await ollama.stop()
  assert.equal((await failure(backend)).reason, 'connection')
})

test('an abort throws its reason and closes the connection', async (t) => {
  const asked = Promise.withResolvers<void>()
  let isClosed = false
  const server = createServer((request, response) => {
    if (request.url === '/api/tags') return void response.end('{"models":[{"name":"hermes3:3b"}]}')
    response.once('close', () => { isClosed = true })
    asked.resolve()
  }).listen(0, '127.0.0.1')
  t.after(() => server.close())
  await once(server, 'listening')
  const controller = new AbortController()
  const vectors = backendAt(t, `http://127.0.0.1:${(server.address() as AddressInfo).port}`).embed({ texts: ['a'] }, controller.signal)
  await asked.promise
  const reason = new Error('enough')
  controller.abort(reason)
  await assert.rejects(vectors, reason)
  await until(() => isClosed, 'the connection closes')
})
