import assert from 'node:assert/strict'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { OpenAiOptions } from '../../../src/backends/openai/backend.ts'
import { BackendError } from '../../../src/inference/failure.ts'
import type { EmbeddingRequest, Embeddings } from '../../../src/inference/embedding.ts'
import { until } from '../../support/service.ts'
import { apiKey, backendAt, backendOver } from './support.ts'

const never = new AbortController().signal
const json = (body: unknown, status = 200, headers = {}): RequestListener => (_request, response) => response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))

async function embedding(t: TestContext, answer: RequestListener, request: Partial<EmbeddingRequest> = {}, options: Partial<OpenAiOptions> = {}): Promise<Embeddings> {
  const backend = await backendOver(t, answer, { embeddingModel: 'text-embedding-3-small', ...options })
  return backend.embed!({ texts: ['a', 'b'], ...request }, never)
}

async function failure(t: TestContext, answer: RequestListener, options: Partial<OpenAiOptions> = {}): Promise<BackendError> {
  const error: unknown = await embedding(t, answer, {}, options).then(() => assert.fail('it gave vectors'), (reason: unknown) => reason)
  assert.ok(error instanceof BackendError, String(error))
  assert.match(error.message, /^openai \S.*[.)]$/)
  assert.ok(!error.message.includes(apiKey))
  return error
}

const vectors = { object: 'list', model: 'e-1', data: [{ object: 'embedding', index: 1, embedding: [3, 4.5] }, { object: 'embedding', index: 0, embedding: [1, -2] }], usage: { prompt_tokens: 7, total_tokens: 7 } }

test('asks for numbers and puts the vectors into the order of the texts', async (t) => {
  const posted: { path: string | undefined, key: string | undefined, body: unknown }[] = []
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    posted.push({ path: request.url, key: request.headers.authorization, body: JSON.parse(await text(request)) })
    json(vectors)(request as never, response as never)
  }
  assert.deepEqual(await embedding(t, answer, { dimensions: 2 }), { model: 'e-1', vectors: [[1, -2], [3, 4.5]], promptTokens: 7 })
  assert.deepEqual(posted, [{ path: '/v1/embeddings', key: `Bearer ${apiKey}`, body: { model: 'text-embedding-3-small', input: ['a', 'b'], encoding_format: 'float', dimensions: 2 } }])
})

test('a server that leaves out model, index and usage is understood', async (t) => {
  assert.deepEqual(await embedding(t, json({ data: [{ embedding: [1] }, { embedding: [2] }] })), { model: 'text-embedding-3-small', vectors: [[1], [2]], promptTokens: 0 })
})

test('cannot without a model for it', (t) => {
  assert.equal(backendAt(t, 'http://127.0.0.1:1/v1').embed, undefined)
})

test('a backend of any model passes on the one that the caller names, and wants one', async (t) => {
  let model: unknown
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    model = (JSON.parse(await text(request)) as { model: unknown }).model
    json(vectors)(request as never, response as never)
  }
  await embedding(t, answer, { model: 'nomic' }, { model: '*', embeddingModel: undefined })
  assert.equal(model, 'nomic')
  const error = await failure(t, answer, { model: '*', embeddingModel: undefined })
  assert.deepEqual([error.reason, /openai\/MODEL/.test(error.message)], ['rejected', true])
})

const replies: [what: string, answer: RequestListener, reason: string][] = [
  ['401', json({ error: { message: `Incorrect API key provided: ${apiKey}` } }, 401), 'unauthorized'],
  ['400 for text that is too long', json({ error: { message: "This model's maximum context length is 8192 tokens, however you requested 9000 tokens" } }, 400), 'context_length_exceeded'],
  ['another 400', json({ error: { message: 'dimensions is not supported' } }, 400), 'rejected'],
  ['429', json({ error: { message: 'slow down' } }, 429, { 'retry-after': '3' }), 'rate_limited'],
  ['503', json({}, 503), 'server_error'],
  ['a redirect', json({}, 307, { location: 'http://elsewhere.example' }), 'protocol'],
  ['an error with status 200', json({ error: { message: 'broken', code: 'server_error' } }), 'server_error'],
  ['a page of HTML', (_request, response) => response.end('<html></html>'), 'protocol'],
  ['one vector for two texts', json({ data: vectors.data.slice(0, 1) }), 'protocol'],
  ['vectors that are no numbers', json({ data: [{ embedding: 'AAAA' }, { embedding: [null] }] }), 'protocol'],
  ['a connection that breaks before the head', (request) => request.socket.destroy(), 'connection'],
  ['a connection that breaks in the body', (_request, response) => { response.write('{"data":[', () => response.destroy()) }, 'stream_cut']
]

for (const [what, answer, reason] of replies) {
  test(`${what} is ${reason}`, async (t) => assert.equal((await failure(t, answer)).reason, reason))
}

for (const [what, answer] of [['route', json({ detail: 'Not Found' }, 404)], ['model', json({ error: { message: 'no such model', code: 'model_not_found' } }, 403)]] as const) {
  test(`a ${what} that is not there says nothing of the model that answers`, async (t) => {
    const { reason, status, message } = await failure(t, answer)
    assert.deepEqual([reason, status], ['rejected', undefined])
    assert.match(message, /Set its embedding_model to one that it has\.$/)
  })
}

test('a 429 tells when to come again', async (t) => {
  assert.equal((await failure(t, json({}, 429, { 'retry-after': '3' }))).retryAfterSeconds, 3)
})

test('an abort throws its reason and closes the connection', async (t) => {
  let isClosed = false
  const asked = Promise.withResolvers<void>()
  const backend = await backendOver(t, (_request, response) => {
    response.once('close', () => { isClosed = true })
    asked.resolve()
  }, { embeddingModel: 'e' })
  const aborter = new AbortController()
  const vectorsWanted = backend.embed!({ texts: ['a'] }, aborter.signal)
  await asked.promise
  const reason = new Error('enough')
  aborter.abort(reason)
  await assert.rejects(vectorsWanted, reason)
  await until(() => isClosed)
})

test('a signal that has already aborted reaches nobody', async (t) => {
  let asked = 0
  const backend = await backendOver(t, () => { asked++ }, { embeddingModel: 'e' })
  const reason = new Error('enough')
  await assert.rejects(backend.embed!({ texts: ['a'] }, AbortSignal.abort(reason)), reason)
  assert.equal(asked, 0)
})
