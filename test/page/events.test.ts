// GET /switch/events and GET /switch/requests.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { createParser } from 'eventsource-parser'
import type { FastifyInstance } from 'fastify'
import { buildApp } from '../../src/app.ts'
import { withGate } from '../../src/backends/registry.ts'
import { loadConfig } from '../../src/config/load.ts'
import { Downloads } from '../../src/models/download/downloads.ts'
import { RecentRequests } from '../../src/observability/recent-requests.ts'
import type { RequestRecord, ServiceStatus } from '../../src/routes/events-contract.ts'
import { EventFeed } from '../../src/routes/events-feed.ts'
import { fakeBackend } from '../support/backends.ts'
import { errorOf, infer, listening } from '../support/http.ts'
import { assemble } from '../support/registry.ts'
import { build, listen, post, ready, silentLogger, until } from '../support/service.ts'

type Heard = { event: string, data: unknown }

/** Listens until the test is over; `heard` grows. */
async function watch(t: TestContext, url: string, headers: Record<string, string> = {}): Promise<{ heard: Heard[], ended: Promise<void>, stop: () => void }> {
  const controller = new AbortController()
  t.after(() => controller.abort())
  const reply = await fetch(`${url}/switch/events`, { headers, signal: controller.signal })
  assert.equal(reply.status, 200)
  assert.match(String(reply.headers.get('content-type')), /^text\/event-stream/)
  const heard: Heard[] = []
  const read = async () => {
    const parser = createParser({ onEvent: ({ event = '', data }) => void heard.push({ event, data: JSON.parse(data) as unknown }) })
    const decoder = new TextDecoder()
    for await (const bytes of reply.body!) parser.feed(decoder.decode(bytes as Uint8Array, { stream: true }))
  }
  return { heard, ended: read().catch(() => undefined), stop: () => controller.abort() }
}

/** The records of requests, once there are any: they are made when the reply is out. */
async function recordsOf(app: FastifyInstance): Promise<RequestRecord[]> {
  return until(async () => {
    const { requests } = (await app.inject('/switch/requests')).json<{ requests: RequestRecord[] }>()
    return requests.length > 0 && requests
  })
}

const named = <T>(heard: Heard[], event: string) => heard.filter((one) => one.event === event).map(({ data }) => data as T)

test('it begins with the facts, the requests of late and the status, in this order', async (t) => {
  const app = await build(t)
  await infer(app, { prompt: 'Hello' })
  await recordsOf(app)
  const { heard } = await watch(t, await listening(app))
  await until(() => named(heard, 'status').length > 0)
  assert.deepEqual(heard.slice(0, 3).map(({ event }) => event), ['service', 'request', 'status'])
  const [record] = named<RequestRecord>(heard, 'request')
  assert.deepEqual([record!.route, record!.outcome, record!.attempts[0]!.backend], ['/switch/infer', 'success', 'hermes'])
  const [status] = named<ServiceStatus>(heard, 'status')
  assert.deepEqual(status!.backends.map(({ name, state, can_answer }) => [name, state, can_answer]), [['hermes', 'ready', true]])
  assert.deepEqual(status!.routes.find(({ name }) => name === 'default')!.backends, ['hermes'])
  assert.equal(status!.traffic.reduce((sum, { answered }) => sum + answered, 0), 1)
})

test('a request is told when it ends, with its receipt and without its text; the status goes on every second', async (t) => {
  const { url } = await listen(t)
  await ready(url)
  const { heard } = await watch(t, url)
  await (await post(url, { prompt: 'What is the capital of France?', stream: true })).text()
  const [record] = await until(() => named<RequestRecord>(heard, 'request').length > 0 && named<RequestRecord>(heard, 'request'))
  assert.deepEqual([record!.is_stream, record!.outcome, record!.source], [true, 'success', 'local_hermes'])
  assert.ok(record!.attempts[0]!.first_token_ms !== null && record!.completion_tokens! > 0)
  assert.doesNotMatch(JSON.stringify(heard), /France|Paris/)
  await until(() => named(heard, 'status').length >= 3)
  const later = named<ServiceStatus>(heard, 'status').slice(1)
  assert.equal(later.flatMap(({ traffic }) => traffic).filter(({ answered }) => answered > 0).length, 1, 'a second is told once when nothing changes in it')
})

test('prompts and answers are shown where LOG_PROMPTS is on', async (t) => {
  const app = await build(t, { env: { LOG_PROMPTS: 'true' } })
  await infer(app, { prompt: 'What is that?' })
  const [record] = await recordsOf(app)
  assert.deepEqual([record!.prompt, record!.response], ['What is that?', 'Hello'])
})

test('both need the token where one is set; the page does not', async (t) => {
  const app = await build(t, { env: { SWITCH_TOKEN: 'vx11-token' } })
  for (const url of ['/switch/events', '/switch/requests']) errorOf(await app.inject(url), 401, 'SWITCH_AUTH_REQUIRED')
  assert.equal((await app.inject('/')).statusCode, 200)
  const { heard } = await watch(t, await listening(app), { 'x-vx11-token': 'vx11-token' })
  await until(() => named(heard, 'status').length > 0)
})

test('a service that closes ends the stream at once, instead of waiting for the page', async (t) => {
  const app = await build(t)
  const { heard, ended } = await watch(t, await listening(app))
  await until(() => named(heard, 'status').length > 0)
  await app.close()
  await ended
})

test('a page that watches does not keep a backend that a reload dropped', async (t) => {
  const config = loadConfig({})
  let isClosed = false
  const dropped = Object.assign(fakeBackend(), { close: async () => { isClosed = true } })
  const registry = assemble([withGate(dropped, config)], config)
  const app = await buildApp({ config, registry, logger: silentLogger, version: '0', closing: new AbortController().signal })
  t.after(() => app.close())
  const { heard } = await watch(t, await listening(app))
  await registry.reload({ backends: [], routes: [] })
  await until(() => isClosed)
  await until(() => named<ServiceStatus>(heard, 'status').at(-1)?.backends.length === 0)
})

test('a failover is told with each attempt', async (t) => {
  const failing = fakeBackend({ name: 'openai', generate: () => { throw new Error('broken') } })
  const app = await build(t, { backends: [failing, fakeBackend()] })
  const { heard } = await watch(t, await listening(app))
  await infer(app, { prompt: 'Hello' })
  const [record] = await until(() => named<RequestRecord>(heard, 'request').length > 0 && named<RequestRecord>(heard, 'request'))
  assert.deepEqual([record!.degraded, record!.attempts.map(({ backend, outcome }) => [backend, outcome])], [true, [['openai', 'failed'], ['hermes', 'success']]])
})

function feed(): { feed: EventFeed, requests: RecentRequests } {
  const requests = new RecentRequests()
  const downloads = new Downloads({ keyOf: (name) => name, pull: () => Promise.reject(new Error('none')) }, { debug() {}, info() {}, warn() {}, error() {} })
  const sources = { registry: { backends: [], routes: new Map() }, downloads, defaultTimeoutSeconds: 30, warnings: [] }
  return { feed: new EventFeed({ sources, facts: { version: '0', memory_limit_mb: 1, default_timeout_seconds: 30, catalogue: [] }, requests }), requests }
}

test('at most sixteen listen; one that leaves makes room, and without any nothing runs', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval', 'setTimeout'] })
  const own = feed()
  const streams = Array.from({ length: 16 }, () => own.feed.open())
  assert.throws(() => own.feed.open(), { code: 'SWITCH_QUEUE_FULL' })
  streams.pop()!.destroy()
  await until(() => own.feed.listeners === 15)
  streams.push(own.feed.open())
  for (const stream of streams) stream.destroy()
  await until(() => own.feed.listeners === 0)
})

test('who does not read is dropped before much is kept for it', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const own = feed()
  const stream = own.feed.open()
  for (let second = 0; second < 20_000 && !stream.destroyed; second++) t.mock.timers.tick(1000)
  assert.ok(stream.destroyed)
  assert.ok(stream.readableLength < 1.1 * 1024 * 1024, `${stream.readableLength}`)
})

test('a burst of requests is not told one by one; the totals have all of them', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const own = feed()
  const stream = own.feed.open()
  let text = ''
  stream.setEncoding('utf8').on('data', (piece: string) => { text += piece })
  for (let index = 0; index < 80; index++) {
    const observer = own.requests.observer.requestBegan({ method: 'POST', route: '/switch/infer', isPublic: false, trace: undefined })
    observer.inferenceBegan({ model: undefined, request: { messages: [], stop: [] }, isStream: false })
    observer.ended({ status: 200, isCallerGone: false, durationMs: 1 })
  }
  t.mock.timers.tick(1000)
  await until(() => text.includes('"answered":80'))
  assert.equal(text.match(/^event: request$/gm)!.length, 50)
  stream.destroy()
})
