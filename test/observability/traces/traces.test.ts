// Traces, from a request to a real OTLP receiver: spans, their parents, and the trace that a remote backend is told of.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { IncomingHttpHeaders, RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { FastifyInstance } from 'fastify'
import { pino } from 'pino'
import { buildApp } from '../../../src/app.ts'
import { OpenAiBackend } from '../../../src/backends/openai/backend.ts'
import { withGate } from '../../../src/backends/registry.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { startTraces } from '../../../src/observability/traces/traces.ts'
import { fakeBackend } from '../../support/backends.ts'
import { infer } from '../../support/http.ts'
import { assemble } from '../../support/registry.ts'
import { until } from '../../support/service.ts'
import type { LogLine } from '../../support/service.ts'
import { startCollector } from './collector.ts'
import type { ReceivedSpan } from './collector.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const callerSpan = '00f067aa0ba902b7'
const traceparent = `00-${traceId}-${callerSpan}-01`
const server = 2
const client = 3
const failed = 2

type Traced = FastifyInstance & { readonly lines: LogLine[], flush(requests: number): Promise<void> }

/** The app over an upstream and the local fake behind it, tracing to `endpoint`. */
async function buildTraced(t: TestContext, endpoint: string | undefined, upstream: string, env: Record<string, string> = {}): Promise<Traced> {
  const config = loadConfig({ OPENAI_API_KEY: 'x', OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...env })
  const remote = new OpenAiBackend({ name: 'openai', baseUrl: `${upstream}/v1`, apiKey: 'x', model: 'gpt', limits: { timeoutMs: undefined, firstTokenMs: undefined, idleMs: undefined }, maxConcurrent: 4 })
  const registry = assemble([remote, fakeBackend()].map((backend) => withGate(backend, config)), config)
  const lines: LogLine[] = []
  const logger = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line) as LogLine) })
  const traces = await startTraces({ config, registry, version: '0.0.0', log: logger })
  const app = await buildApp({ config, registry, logger, version: '0.0.0', closing: new AbortController().signal, traces: traces?.observer })
  t.after(async () => {
    await app.close()
    await registry.close()
    await traces?.close()
  })
  return Object.assign(app, {
    lines,
    // The end of a request is told a turn after its reply, as its log line is written.
    flush: async (requests: number) => {
      await until(() => lines.filter(({ msg }) => msg === 'request').length === requests)
      await new Promise(setImmediate)
      await traces?.close()
    }
  })
}

async function startUpstream(t: TestContext, listener: RequestListener): Promise<{ url: string, headers: IncomingHttpHeaders[] }> {
  const headers: IncomingHttpHeaders[] = []
  const upstream = createServer((request, response) => {
    headers.push(request.headers)
    listener(request, response)
  })
  await new Promise<void>((resolve) => { upstream.listen(0, '127.0.0.1', resolve) })
  t.after(() => {
    upstream.closeAllConnections()
    upstream.close()
  })
  return { url: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`, headers }
}

const refusing: RequestListener = (_request, response) => void response.writeHead(401, { 'content-type': 'application/json' }).end('{"error": {"message": "wrong key"}}')

function only(spans: readonly ReceivedSpan[], fits: (span: ReceivedSpan) => boolean): ReceivedSpan {
  const found = spans.filter(fits)
  assert.equal(found.length, 1, JSON.stringify(spans.map(({ name, kind }) => ({ name, kind }))))
  return found[0]!
}

test('a failover is one trace: the request below its caller, each attempt below the request, the upstream told of its attempt', async (t) => {
  const collector = await startCollector(t)
  const upstream = await startUpstream(t, refusing)
  const app = await buildTraced(t, collector.endpoint, upstream.url, { OTEL_SERVICE_NAME: 'my-switch', OTEL_EXPORTER_OTLP_HEADERS: 'x-key=a%20b, x-other=c' })
  const response = await infer(app, { prompt: 'A private question', max_tokens: 16 }, { traceparent, tracestate: 'vendor=1' })
  assert.equal(response.statusCode, 200)
  await app.flush(1)

  const request = only(collector.spans, ({ kind }) => kind === server)
  assert.equal(request.name, 'POST /switch/infer')
  assert.equal(request.service, 'my-switch')
  assert.deepEqual([request.traceId, request.parentSpanId], [traceId, callerSpan])
  assert.equal(request.attributes['http.response.status_code'], 200)
  assert.equal(request.attributes['switch.source'], 'local_hermes')
  assert.equal(request.attributes['switch.degraded'], true)

  const remote = only(collector.spans, ({ attributes }) => attributes['gen_ai.provider.name'] === 'openai')
  const local = only(collector.spans, ({ attributes }) => attributes['gen_ai.provider.name'] === 'llama.cpp')
  for (const span of [remote, local]) assert.deepEqual([span.traceId, span.parentSpanId, span.kind], [traceId, request.spanId, client])
  assert.equal(remote.name, 'chat gpt')
  assert.equal(remote.status.code, failed)
  assert.deepEqual([remote.attributes['switch.attempt.outcome'], remote.attributes['switch.attempt.reason'], remote.attributes['error.type']], ['failed', 'unauthorized', 'unauthorized'])
  assert.equal(remote.attributes['gen_ai.request.max_tokens'], 16)
  const { attributes } = local
  assert.deepEqual(
    [attributes['gen_ai.operation.name'], attributes['gen_ai.response.model'], attributes['gen_ai.usage.input_tokens'], attributes['gen_ai.usage.output_tokens'], attributes['gen_ai.response.finish_reasons'], attributes['switch.attempt.outcome']],
    ['chat', 'fake-model', 3, 1, ['stop'], 'success']
  )
  assert.equal(typeof attributes['switch.attempt.queued_ms'], 'number')
  assert.equal(typeof attributes['gen_ai.response.time_to_first_chunk'], 'number')

  for (const span of collector.spans) assert.ok(!Object.values(span.attributes).includes(undefined), `an attribute of ${span.name} has no value`)

  assert.equal(upstream.headers[0]!['traceparent'], `00-${traceId}-${remote.spanId}-01`)
  assert.equal(upstream.headers[0]!['tracestate'], 'vendor=1')
  assert.deepEqual([collector.headers[0]!['x-key'], collector.headers[0]!['x-other']], ['a b', 'c'])
  assert.doesNotMatch(JSON.stringify(collector.spans), /private/)
  assert.ok(app.lines.some(({ msg, trace_id }) => msg === 'request' && trace_id === traceId), 'the log line names the trace')
})

test('a backend that is left alone is an event of the request, not an attempt', async (t) => {
  const collector = await startCollector(t)
  const upstream = await startUpstream(t, refusing)
  const app = await buildTraced(t, collector.endpoint, upstream.url)
  for (const id of ['first', 'second']) await infer(app, { prompt: 'Hi' }, { 'x-request-id': id })
  await app.flush(2)
  const skipped = only(collector.spans, ({ kind, events }) => kind === server && events.length > 0)
  assert.deepEqual(skipped.events.map(({ name, attributes }) => [name, attributes]), [['switch.attempt.skipped', { 'switch.backend': 'openai', 'switch.attempt.reason': 'circuit_open' }]])
  assert.equal(collector.spans.filter(({ kind }) => kind === client).length, 3)
})

test('prompts and answers are in the trace only when that was asked for', async (t) => {
  const collector = await startCollector(t)
  const upstream = await startUpstream(t, refusing)
  const app = await buildTraced(t, collector.endpoint, upstream.url, { SWITCH_TRACE_CONTENT: 'true' })
  await infer(app, { prompt: 'A question', system: 'Be brief.' })
  await app.flush(1)
  const { attributes } = only(collector.spans, ({ kind }) => kind === server)
  assert.deepEqual(JSON.parse(String(attributes['gen_ai.input.messages'])), [
    { role: 'system', parts: [{ type: 'text', content: 'Be brief.' }] },
    { role: 'user', parts: [{ type: 'text', content: 'A question' }] }
  ])
  assert.deepEqual(JSON.parse(String(attributes['gen_ai.output.messages'])), [{ role: 'assistant', parts: [{ type: 'text', content: 'Hello' }], finish_reason: 'stop' }])
})

test('a request of a caller without a trace begins one, and one that the caller does not sample is not sent', async (t) => {
  const collector = await startCollector(t)
  const upstream = await startUpstream(t, refusing)
  const app = await buildTraced(t, collector.endpoint, upstream.url)
  await infer(app, { prompt: 'Hi' }, { traceparent: 'nonsense' })
  await infer(app, { prompt: 'Hi', model: 'openai' }, { traceparent: traceparent.replace(/01$/, '00') })
  await app.inject('/health')
  await app.flush(2)
  const request = only(collector.spans, ({ kind }) => kind === server)
  assert.notEqual(request.traceId, traceId)
  assert.ok(!request.parentSpanId)
})

test('without a collector nothing is traced, and the trace of the caller goes on to a remote backend as it came', async (t) => {
  const upstream = await startUpstream(t, refusing)
  const app = await buildTraced(t, undefined, upstream.url)
  await infer(app, { prompt: 'Hi' }, { traceparent })
  assert.equal(upstream.headers[0]!['traceparent'], traceparent)
  assert.ok(app.lines.every((line) => !('trace_id' in line)))
})

test('a collector that refuses spans hurts no request and is named in the log', async (t) => {
  const upstream = await startUpstream(t, refusing)
  const collector = await startUpstream(t, (_request, response) => void response.writeHead(400).end())
  const app = await buildTraced(t, collector.url, upstream.url)
  assert.equal((await infer(app, { prompt: 'Hi' })).statusCode, 200)
  await app.flush(1)
  const warnings = app.lines.filter(({ collector: named }) => named === `${collector.url}/v1/traces`)
  assert.equal(warnings.length, 1)
  assert.match(String(warnings[0]!['msg']), /OTEL_EXPORTER_OTLP_ENDPOINT/)
})

test('a collector that never answers holds up neither a request nor the end', { timeout: 20_000 }, async (t) => {
  const upstream = await startUpstream(t, refusing)
  const collector = await startUpstream(t, () => undefined)
  const app = await buildTraced(t, collector.url, upstream.url)
  assert.equal((await infer(app, { prompt: 'Hi' })).statusCode, 200)
  await app.flush(1)
  assert.equal(collector.headers.length, 1)
})
