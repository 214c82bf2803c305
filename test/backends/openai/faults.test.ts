import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Fault, FaultStep } from '../../../src/drill/fake-upstream/faults.ts'
import { wordsOf } from '../../../src/drill/fake-upstream/answer-text.ts'
import type { FailureReason } from '../../../src/inference/failure.ts'
import { until } from '../../support/service.ts'
import { failureOf, generate, upstreamAndBackend } from './support.ts'

const usage = { prompt_tokens: 10, completion_tokens: 60, total_tokens: 70 }

type Good = { fault: Fault, title: string, usage: typeof usage | undefined, closes?: boolean }

const good: Good[] = [
  { fault: 'none', title: 'a good answer arrives whole, with usage and finish', usage },
  { fault: 'malformed-event', title: 'skips an event that is no JSON', usage },
  { fault: 'no-done', title: 'finishes without [DONE], and closes the connection that stays open', usage, closes: true },
  { fault: 'no-usage', title: 'waits for usage only a moment after the finish', usage: undefined, closes: true },
  { fault: 'duplicate-done', title: 'ignores a second [DONE]', usage },
  { fault: 'late-usage', title: 'takes usage that comes with [DONE], even behind it', usage },
  { fault: 'absurd-usage', title: 'ignores token counts that cannot be true', usage: undefined },
  { fault: 'split-bytes', title: 'joins characters and lines that are split at every byte', usage },
  { fault: 'whole-json', title: 'reads a whole completion when the server does not stream', usage },
  { fault: 'slow-first-token', title: 'waits for a slow first token', usage }
]

for (const { fault, title, usage: expected, closes } of good) {
  test(title, async (t) => {
    const { upstream, backend } = await upstreamAndBackend(t)
    await upstream.setFault({ fault, delayMs: 20 })
    const answer = await generate(backend)
    assert.equal(answer.error, undefined)
    assert.equal(answer.text, upstream.answer)
    assert.deepEqual(answer.usage, expected)
    assert.equal(answer.finish, 'stop')
    assert.deepEqual(answer.events.filter(({ type }) => type === 'finish'), [answer.events.at(-1)], 'one finish, last')
    if (closes) await until(() => upstream.openConnections() === 0)
  })
}

type Bad = { fault: Fault, reason: FailureReason, status?: number, message?: RegExp, retryAfterSeconds?: number, keepsOpen?: boolean }

const beforeAnyText: Bad[] = [
  { fault: 'refused', reason: 'connection', message: /ECONNREFUSED/ },
  { fault: 'reset', reason: 'connection' },
  { fault: 'status-500', reason: 'server_error', status: 500, keepsOpen: true },
  { fault: 'status-502', reason: 'server_error', status: 502, keepsOpen: true },
  { fault: 'status-503', reason: 'server_error', status: 503, message: /currently overloaded/, keepsOpen: true },
  { fault: 'status-504', reason: 'server_error', status: 504, keepsOpen: true },
  { fault: 'status-529', reason: 'server_error', status: 529, keepsOpen: true },
  { fault: 'request-timeout', reason: 'server_error', status: 408, keepsOpen: true },
  { fault: 'rate-limited', reason: 'rate_limited', status: 429, keepsOpen: true },
  { fault: 'rate-limited-retry-after', reason: 'rate_limited', status: 429, retryAfterSeconds: 7, keepsOpen: true },
  { fault: 'insufficient-quota', reason: 'quota_exhausted', status: 429, keepsOpen: true },
  { fault: 'payment-required', reason: 'quota_exhausted', status: 402, keepsOpen: true },
  { fault: 'unauthorized', reason: 'unauthorized', status: 401, message: /provided: \[key\]/, keepsOpen: true },
  { fault: 'forbidden', reason: 'unauthorized', status: 403, keepsOpen: true },
  { fault: 'model-not-found', reason: 'model_not_found', status: 404, keepsOpen: true },
  { fault: 'context-length-exceeded', reason: 'context_length_exceeded', status: 400, message: /8192 tokens/, keepsOpen: true },
  { fault: 'content-filter', reason: 'content_filtered', status: 400, keepsOpen: true },
  { fault: 'bad-request', reason: 'rejected', status: 400, message: /Invalid value for 'temperature'/, keepsOpen: true },
  { fault: 'unprocessable', reason: 'rejected', status: 422, keepsOpen: true },
  { fault: 'error-in-200', reason: 'server_error', message: /had an error/, keepsOpen: true },
  { fault: 'html', reason: 'protocol', message: /text\/html/ },
  { fault: 'redirect', reason: 'protocol', status: 307 },
  { fault: 'broken-gzip', reason: 'protocol' },
  { fault: 'endless-headers', reason: 'protocol' },
  { fault: 'wrong-content-length', reason: 'stream_cut' },
  { fault: 'tool-calls-cut', reason: 'stream_cut', keepsOpen: true },
  { fault: 'tool-calls-half', reason: 'protocol', message: /get_time/, keepsOpen: true },
  { fault: 'empty-answer', reason: 'empty_answer', keepsOpen: true }
]

for (const { fault, reason, status, message, retryAfterSeconds, keepsOpen } of beforeAnyText) {
  test(`${fault} before any text is ${reason}`, async (t) => {
    const { upstream, backend } = await upstreamAndBackend(t)
    await upstream.setFault({ fault, retryAfterSeconds: 7 })
    const answer = await generate(backend)
    const error = failureOf(answer)
    assert.equal(error.reason, reason, error.message)
    assert.equal(error.status, status)
    assert.equal(error.retryAfterSeconds, retryAfterSeconds)
    if (message) assert.match(error.message, message)
    assert.deepEqual(answer.events, [])
    if (!keepsOpen) await until(() => upstream.openConnections() === 0)
  })
}

const inMidStream: Bad[] = [
  { fault: 'cut', reason: 'stream_cut' },
  { fault: 'no-finish', reason: 'stream_cut', keepsOpen: true },
  { fault: 'error-event', reason: 'server_error', message: /had an error/ },
  { fault: 'giant-event', reason: 'protocol' },
  { fault: 'content-filter-finish', reason: 'content_filtered' }
]

for (const { fault, reason, message, keepsOpen } of inMidStream) {
  test(`${fault} after ten words gives those words, then ${reason}`, async (t) => {
    const { upstream, backend } = await upstreamAndBackend(t)
    await upstream.setFault({ fault, words: 10 })
    const answer = await generate(backend)
    const error = failureOf(answer)
    assert.equal(error.reason, reason, error.message)
    if (message) assert.match(error.message, message)
    assert.equal(answer.text, wordsOf(upstream.answer).slice(0, 10).join(''))
    if (!keepsOpen) await until(() => upstream.openConnections() === 0)
  })
}

test('a context that is exceeded tells both numbers as facts', async (t) => {
  const { upstream, backend } = await upstreamAndBackend(t)
  await upstream.setFault('context-length-exceeded')
  assert.deepEqual(failureOf(await generate(backend)).facts, { context_length: 8192, prompt_tokens: 9000 })
})

test('gives out function calls whole, just before the finish', async (t) => {
  const { upstream, backend } = await upstreamAndBackend(t)
  await upstream.setFault('tool-calls')
  const { calls, events, finish } = await generate(backend)
  assert.deepEqual(calls, [{ id: 'call_1', name: 'get_weather', arguments: '{"city":"Paris"}' }, { id: 'call_2', name: 'get_time', arguments: '{"zone":"Europe/Paris"}' }])
  assert.deepEqual(events.map(({ type }) => type), ['tool-call', 'tool-call', 'usage', 'finish'])
  assert.equal(finish, 'tool_calls')
})

test('a fault that passes leaves the backend as good as before', async (t) => {
  const { upstream, backend } = await upstreamAndBackend(t)
  const steps: FaultStep[] = [{ fault: 'status-503', times: 2 }, { fault: 'reset', times: 1 }, { fault: 'cut', times: 1 }]
  await upstream.script(...steps)
  const reasons = []
  for (let request = 0; request < 4; request++) reasons.push(failureOf(await generate(backend)).reason)
  assert.deepEqual(reasons, ['server_error', 'server_error', 'connection', 'stream_cut'])
  assert.equal((await generate(backend)).text, upstream.answer)
  await upstream.setFault('refused')
  assert.equal(failureOf(await generate(backend)).reason, 'connection')
  await upstream.setFault('none')
  assert.equal((await generate(backend)).text, upstream.answer)
})
