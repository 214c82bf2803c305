// POST /v1/embeddings: vectors from the first backend of the route that can make them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Backend } from '../../../src/backends/backend.ts'
import type { EmbeddingRequest } from '../../../src/inference/embedding.ts'
import { BackendError } from '../../../src/inference/failure.ts'
import type { BackendErrorOptions, FailureReason } from '../../../src/inference/failure.ts'
import { fakeBackend } from '../../support/backends.ts'
import { build } from '../../support/service.ts'
import { envelopeOf, send } from './support.ts'

const url = '/v1/embeddings'
const vectors = [[0.5, -1.25], [3, 0]]

function embedder(name = 'hermes', embed?: Backend['embed']) {
  const seen: EmbeddingRequest[] = []
  const backend = fakeBackend({
    name, source: name,
    embed: async (request, signal) => {
      seen.push(request)
      return embed ? embed(request, signal) : { model: 'tiny-embed', vectors: vectors.slice(0, request.texts.length), promptTokens: 7 }
    }
  })
  return { backend, seen }
}

function refusing(name: string, reason: FailureReason, options: BackendErrorOptions = {}) {
  return embedder(name, async () => { throw new BackendError(name, reason, `${name} makes none.`, options) })
}

test('the answer is a list of vectors, field by field', async (t) => {
  const { backend, seen } = embedder()
  const app = await build(t, { backends: [backend] })
  const response = await send(app, url, { model: 'default', input: ['a', 'b'], encoding_format: 'float', dimensions: 2, user: 'u' })
  assert.equal(response.statusCode, 200, response.body)
  assert.deepEqual(response.json(), {
    object: 'list', model: 'tiny-embed', usage: { prompt_tokens: 7, total_tokens: 7 },
    data: [{ object: 'embedding', index: 0, embedding: [0.5, -1.25] }, { object: 'embedding', index: 1, embedding: [3, 0] }]
  })
  assert.deepEqual(seen, [{ texts: ['a', 'b'], dimensions: 2 }])
  assert.equal(response.headers['x-switch-backend'], 'hermes')
  assert.equal(response.headers['x-switch-model'], 'tiny-embed')
  assert.equal(response.headers['x-switch-attempts'], 'hermes;success')
  await nextTurn()
  assert.equal(app.lines.find(({ route }) => route === url)!['tokens_used'], 7)
})

test('base64 is little-endian floats of 32 bits', async (t) => {
  const app = await build(t, { backends: [embedder().backend] })
  const [{ embedding }] = (await send(app, url, { input: 'a', encoding_format: 'base64' })).json().data
  const bytes = Buffer.from(embedding, 'base64')
  assert.deepEqual([bytes.readFloatLE(0), bytes.readFloatLE(4), bytes.length], [0.5, -1.25, 8])
})

for (const [body, param] of [[{ input: '' }, 'input'], [{ input: [] }, 'input'], [{ input: ['a', ''] }, 'input[1]'], [{ input: [1, 2] }, 'input'], [{ input: [[1, 2]] }, 'input'], [{}, 'input'], [{ input: Array.from({ length: 2049 }, () => 'a') }, 'input'], [{ input: 'a', encoding_format: 'int8' }, 'encoding_format'], [{ input: 'a', dimensions: 0 }, 'dimensions']] as [object, string][]) {
  test(`refuses ${JSON.stringify(body).slice(0, 60)} by the field ${param}`, async (t) => {
    assert.equal(envelopeOf(await send(await build(t, { backends: [embedder().backend] }), url, body), 400, 'invalid_value').param, param)
  })
}

test('the first backend of the route that can is asked', async (t) => {
  const last = embedder('hermes')
  const app = await build(t, { backends: [fakeBackend({ name: 'openai' }), last.backend] })
  assert.equal((await send(app, url, { input: 'a' })).headers['x-switch-backend'], 'hermes')
})

test('one whose model makes none is passed over', async (t) => {
  const app = await build(t, { backends: [refusing('openai', 'rejected').backend, embedder('hermes').backend] })
  const { headers } = await send(app, url, { input: 'a' })
  assert.equal(headers['x-switch-attempts'], 'openai;failed;rejected, hermes;success')
  assert.equal(headers['x-switch-degraded'], 'true')
})

test('nobody stands in for one that failed', async (t) => {
  const other = embedder('hermes')
  const app = await build(t, { backends: [refusing('openai', 'unauthorized').backend, other.backend] })
  const response = await send(app, url, { input: 'a' })
  envelopeOf(response, 503, 'service_unavailable')
  assert.equal(response.headers['x-should-retry'], 'false')
  assert.equal(other.seen.length, 0)
})

test('what a provider refuses is a 400, for everybody', async (t) => {
  const other = embedder('hermes')
  const app = await build(t, { backends: [refusing('openai', 'rejected', { status: 400 }).backend, other.backend] })
  envelopeOf(await send(app, url, { input: 'a' }), 400, null)
  assert.equal(other.seen.length, 0)
})

test('a connection that failed is tried once more', async (t) => {
  let calls = 0
  const { backend } = embedder('openai', async () => {
    if (++calls === 1) throw new BackendError('openai', 'connection', 'openai could not be reached.')
    return { model: 'tiny-embed', vectors: [[1]], promptTokens: 1 }
  })
  const response = await send(await build(t, { backends: [backend] }), url, { input: 'a' })
  assert.equal(response.headers['x-switch-attempts'], 'openai;failed;connection, openai;success')
})

for (const [what, backend] of [['has no way to', fakeBackend()], ['runs a model that makes none', refusing('hermes', 'rejected').backend]] as const) {
  test(`where every backend ${what} the error says what to do`, async (t) => {
    const error = envelopeOf(await send(await build(t, { backends: [backend] }), url, { input: 'a' }), 400, 'unsupported_parameter')
    assert.equal(error.param, 'model')
    assert.match(error.message, /not supported by hermes.*Set OPENAI_EMBEDDING_MODEL, or name a backend/)
  })
}

test('the deadline is kept when the backend does not let go, and its slot stays taken', async (t) => {
  const { promise: told, resolve: tell } = Promise.withResolvers<void>()
  const { backend, seen } = embedder('hermes', async () => { await told; return { model: 'm', vectors: [[1]], promptTokens: 1 } })
  const app = await build(t, { env: { HERMES_TIMEOUT: '0.1' }, backends: [backend] })
  for (let turn = 0; turn < 2; turn++) envelopeOf(await send(app, url, { input: 'a' }), 503, 'timeout')
  assert.equal(seen.length, 1)
  tell()
})

test('an unknown model is a 404', async (t) => {
  envelopeOf(await send(await build(t), url, { model: 'text-embedding-3-small', input: 'a' }), 404, 'model_not_found')
})
