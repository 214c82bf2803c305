import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RequestObserver } from '../../src/inference/observer.ts'
import { RecentRequests } from '../../src/observability/recent-requests.ts'
import { SwitchError } from '../../src/inference/errors.ts'
import { attempt } from './records.ts'

const facts = { method: 'POST', route: '/switch/infer', isPublic: false, trace: undefined }
const inference = { model: undefined, request: { messages: [{ role: 'user' as const, content: 'my secret question' }], stop: [] }, isStream: true }
const answered = { inferenceId: 'inf_1', source: 'local_hermes', backend: 'hermes', model: 'switch-tiny', isDegraded: false, usage: { prompt_tokens: 3, completion_tokens: 10, total_tokens: 13 }, text: 'my secret answer' }
const end = { status: 200, isCallerGone: false, durationMs: 1000 }

function watched(recent: RecentRequests, act: (observer: RequestObserver) => void = (observer) => observer.answered(answered)): void {
  const observer = recent.observer.requestBegan(facts)
  observer.inferenceBegan(inference)
  act(observer)
}

function clocked(options: { keepsTexts?: boolean } = {}) {
  const clock = { ms: 1_000_000_000 }
  return { clock, recent: new RecentRequests({ ...options, now: () => clock.ms }) }
}

test('a record has the receipt as it was at the end, and no text', () => {
  const { recent } = clocked()
  const own = attempt({ first_token_ms: 200, duration_ms: 900 })
  watched(recent, (observer) => {
    observer.attemptBegan(own)
    observer.answered(answered)
    observer.ended(end)
  })
  own.duration_ms = 5
  const [record] = recent.list()
  assert.deepEqual([record!.number, record!.outcome, record!.inference_id, record!.first_token_ms, record!.latency_ms, record!.attempts[0]!.duration_ms], [1, 'success', 'inf_1', 200, 1000, 900])
  assert.doesNotMatch(JSON.stringify(record), /secret/)
})

test('prompt and answer are kept where prompts are logged, and no more than the beginning', () => {
  const { recent } = clocked({ keepsTexts: true })
  watched(recent, (observer) => {
    observer.answered({ ...answered, text: 'x'.repeat(5000) })
    observer.ended(end)
  })
  const [{ prompt, response } = {}] = recent.list()
  assert.deepEqual([prompt, response?.length], ['my secret question', 2000])
})

test('a failure has its code and sentence; a caller who left is no failure', () => {
  const { recent } = clocked()
  watched(recent, (observer) => {
    observer.failed(new SwitchError('SWITCH_ROUTE_UNAVAILABLE', 'Nothing could answer.'))
    observer.ended({ ...end, status: 503 })
  })
  watched(recent, (observer) => observer.ended({ status: null, isCallerGone: true, durationMs: 10 }))
  const [failed, left] = recent.list()
  assert.deepEqual([failed!.outcome, failed!.error], ['failed', { code: 'SWITCH_ROUTE_UNAVAILABLE', message: 'Nothing could answer.' }])
  assert.deepEqual([left!.outcome, left!.status, left!.error], ['cancelled', null, null])
})

test('only the last fifty are kept; listeners hear of all until they stop', () => {
  const { recent } = clocked()
  const heard: number[] = []
  const stop = recent.listen(({ number }) => heard.push(number))
  for (let index = 0; index < 60; index++) watched(recent, (observer) => observer.ended(end))
  stop()
  watched(recent, (observer) => observer.ended(end))
  assert.deepEqual([recent.list().length, recent.list()[0]!.number, recent.list().at(-1)!.number, heard.length], [50, 12, 61, 60])
})

test('what asks no model is not kept; a question that is turned away is counted as refused', () => {
  const { recent } = clocked()
  for (const other of [{ ...facts, method: 'GET', route: '/switch/models' }, { ...facts, route: '/switch/models/pull' }, facts]) {
    const observer = recent.observer.requestBegan(other)
    observer.failed(new SwitchError('SWITCH_AUTH_REQUIRED', 'A valid token is required.'))
    observer.ended({ ...end, status: 401 })
  }
  assert.deepEqual(recent.list(), [])
  assert.equal(recent.traffic.totals.refused, 1)
})

test('traffic: outcomes by second, failovers between backends, tokens over the seconds of the stream', () => {
  const { clock, recent } = clocked()
  clock.ms += 3000
  watched(recent, (observer) => {
    observer.attemptBegan(attempt({ backend: 'openai', outcome: 'failed', reason: 'stream_cut', first_token_ms: null }))
    observer.attemptBegan(attempt({ backend: 'openai', outcome: 'failed', reason: 'stream_cut', first_token_ms: null }))
    observer.attemptBegan(attempt({ started_ms: 900, first_token_ms: 100 }))
    observer.answered({ ...answered, isDegraded: true, usage: { ...answered.usage, completion_tokens: 20 } })
    observer.ended({ ...end, durationMs: 3000 })
  })
  const traffic = recent.traffic.since(0)
  assert.deepEqual(traffic.map(({ second, tokens }) => [second - 1_000_000, tokens]), [[1, 10], [2, 10], [3, 0]])
  const { degraded, failovers, first_token_ms } = traffic.at(-1)!
  assert.deepEqual([degraded, failovers, first_token_ms], [1, 1, 1000])
})

test('traffic: only what changed is told again, and five minutes later it is gone', () => {
  const { clock, recent } = clocked()
  const ask = () => watched(recent, (observer) => observer.ended(end))
  ask()
  const { change } = recent.traffic
  assert.deepEqual(recent.traffic.since(change), [])
  clock.ms += 1000
  ask()
  assert.deepEqual(recent.traffic.since(change).map(({ second }) => second), [1_000_001])
  clock.ms += 311_000
  ask()
  assert.deepEqual(recent.traffic.since(0).map(({ second }) => second), [1_000_312])
  assert.equal(recent.traffic.totals.answered, 3)
})
