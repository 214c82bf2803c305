// GET /metrics: what is counted of requests, attempts and tokens, and that no caller can make series grow.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { BackendError } from '../../../src/inference/failure.ts'
import type { FailureReason } from '../../../src/inference/failure.ts'
import type { InferenceEvent } from '../../../src/inference/request.ts'
import { answer, fakeBackend, silence } from '../../support/backends.ts'
import { infer, listening } from '../../support/http.ts'
import { build, post, until } from '../../support/service.ts'
import { scrape, scrapeAfter, seriesOf, valueOf } from './exposition.ts'

const remote = { name: 'openai', kind: 'openai', source: 'openai', isLocal: false } as const

test('a request is counted with its route, who answered, its attempt, its tokens and its times', async (t) => {
  const app = await build(t, { backends: [fakeBackend({ generate: () => answer('Hel', 'lo', '!') })] })
  assert.equal((await infer(app, { prompt: 'Hi' })).statusCode, 200)
  const metrics = await scrapeAfter(app, 1)
  const labels = { backend: 'hermes', model: 'fake-model' }
  assert.equal(valueOf(metrics, 'switch_requests_total', { route: '/switch/infer', source: 'local_hermes', outcome: 'success', reason: 'none' }), 1)
  assert.equal(valueOf(metrics, 'switch_attempts_total', { backend: 'hermes', outcome: 'success', reason: 'none' }), 1)
  assert.equal(valueOf(metrics, 'switch_prompt_tokens_total', labels), 3)
  assert.equal(valueOf(metrics, 'switch_completion_tokens_total', labels), 3)
  assert.equal(valueOf(metrics, 'switch_request_duration_seconds_count', { route: '/switch/infer', outcome: 'success' }), 1)
  assert.equal(valueOf(metrics, 'switch_attempt_first_token_seconds_count', { backend: 'hermes' }), 1)
  assert.equal(valueOf(metrics, 'switch_attempt_queue_seconds_count', { backend: 'hermes' }), 1)
  assert.equal(valueOf(metrics, 'switch_attempt_inter_token_seconds_count', { backend: 'hermes' }), 2)
  assert.equal(valueOf(metrics, 'switch_attempt_inter_token_seconds_bucket', { backend: 'hermes', le: '+Inf' }), 2)
})

test('an answer that another backend began counts as a failover and as continued', async (t) => {
  const cut = async function* (): AsyncGenerator<InferenceEvent, void> {
    yield { type: 'text', text: 'Hel' }
    throw new BackendError('openai', 'stream_cut', 'openai broke off')
  }
  const capabilities = { ...fakeBackend().capabilities, prefill: true }
  const app = await build(t, { backends: [fakeBackend({ ...remote, generate: cut }), fakeBackend({ capabilities, generate: () => answer('lo') })] })
  assert.equal((await infer(app, { prompt: 'Hi', stream: true })).statusCode, 200)
  const metrics = await scrapeAfter(app, 1)
  assert.equal(valueOf(metrics, 'switch_attempts_total', { backend: 'openai', outcome: 'failed', reason: 'stream_cut' }), 1)
  assert.equal(valueOf(metrics, 'switch_failovers_total', { backend: 'hermes' }), 1)
  assert.equal(valueOf(metrics, 'switch_continued_answers_total', { backend: 'hermes' }), 1)
})

test('requests that fail are counted with who is to blame, and by code', async (t) => {
  const failing = (reason: FailureReason) => async function* (): AsyncGenerator<InferenceEvent, void> {
    yield* []
    throw new BackendError('x', reason, 'it failed')
  }
  const app = await build(t, {
    env: { SWITCH_TOKEN: 'secret', OPENAI_API_KEY: 'x' },
    backends: [fakeBackend({ ...remote, generate: failing('server_error') }), fakeBackend({ generate: failing('engine_died') })]
  })
  const headers = { 'X-VX11-Token': 'secret' }
  const statuses = [
    await infer(app, { prompt: 'Hi' }), await infer(app, { prompt: '' }, headers),
    await infer(app, { prompt: 'Hi', model: 'openai' }, headers), await infer(app, { prompt: 'Hi', model: 'hermes' }, headers)
  ].map(({ statusCode }) => statusCode)
  assert.deepEqual(statuses, [401, 400, 503, 503])
  const metrics = await scrapeAfter(app, 4)
  for (const reason of ['policy', 'caller', 'provider', 'engine']) assert.equal(valueOf(metrics, 'switch_requests_total', { route: '/switch/infer', source: 'none', outcome: 'error', reason }), 1, reason)
  assert.equal(valueOf(metrics, 'switch_errors_total', { code: 'SWITCH_AUTH_REQUIRED' }), 1)
  assert.equal(valueOf(metrics, 'switch_errors_total', { code: 'SWITCH_QUEUE_FULL' }), 0)
  assert.equal(valueOf(metrics, 'switch_request_duration_seconds_count', { route: '/switch/infer', outcome: 'error' }), 2, 'only those that asked a backend')
})

test('a request whose caller hung up is cancelled', async (t) => {
  const app = await build(t, { backends: [fakeBackend({ generate: (_request, signal) => silence(signal) })] })
  const url = await listening(app)
  const leaving = new AbortController()
  const gone = post(url, { prompt: 'Hi' }, { signal: leaving.signal }).catch((error: Error) => error)
  await until(async () => valueOf(await scrape(app), 'switch_gate_running', { backend: 'hermes' }) === 1)
  leaving.abort()
  await gone
  const counted = await until(async () => {
    const metrics = await scrape(app)
    return valueOf(metrics, 'switch_requests_total', { outcome: 'cancelled', reason: 'caller' }) === 1 && metrics
  })
  assert.equal(valueOf(counted, 'switch_attempts_total', { backend: 'hermes', outcome: 'cancelled', reason: 'caller_gone' }), 1)
})

test('a thousand requests with random paths, ids, models and headers add no series', async (t) => {
  const any = fakeBackend({ ...remote, state: { status: 'ready', model: '*' } })
  const app = await build(t, { env: { OPENAI_API_KEY: 'x' }, backends: [any, fakeBackend()] })
  const round = async () => {
    const word = randomUUID()
    await app.inject({ url: `/${word}` })
    await app.inject({ url: `/v1/responses/${word}` })
    await infer(app, { prompt: word, model: `openai/${word}`, session_id: word }, { 'x-request-id': word })
    await infer(app, { prompt: word, model: word })
  }
  await round()
  const before = seriesOf(await scrapeAfter(app, 4))
  for (let count = 0; count < 250; count++) await round()
  const after = await scrapeAfter(app, 1004)
  assert.deepEqual(seriesOf(after), before)
  assert.equal(valueOf(after, 'switch_requests_total', { route: 'unmatched' }), 251)
  assert.equal(valueOf(after, 'switch_prompt_tokens_total', { backend: 'openai', model: 'other' }), 753)
})
