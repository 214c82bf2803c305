// The trace on its way through a whole service: out to each kind of remote backend, and to the collector before the end.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { OllamaBackend } from '../../../src/backends/ollama/backend.ts'
import { OpenAiBackend } from '../../../src/backends/openai/backend.ts'
import type { TraceContext } from '../../../src/inference/trace-context.ts'
import { ask, never, read } from '../../support/engine.ts'
import { listen, post, ready } from '../../support/service.ts'
import { startCollector } from './collector.ts'

const trace: TraceContext = { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', tracestate: 'a=1' }
const limits = { timeoutMs: undefined, firstTokenMs: undefined, idleMs: undefined }

type Received = { readonly path: string, readonly headers: IncomingHttpHeaders, readonly body: unknown }

/** Answers nothing but 500, and keeps what it was sent. */
async function startServer(t: TestContext): Promise<{ url: string, received: Received[] }> {
  const received: Received[] = []
  const server = createServer(async (request, response) => {
    const body = request.method === 'POST' ? await json(request) : undefined
    received.push({ path: request.url!, headers: request.headers, body })
    if (request.url === '/api/tags') return void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ models: [{ name: 'm:latest', model: 'm:latest' }] }))
    response.writeHead(500).end()
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received }
}

function assertTold(received: readonly Received[], path: string): void {
  const { headers, body } = received.find((one) => one.path === path) ?? assert.fail(`nothing was asked at ${path}: ${received.map((one) => one.path).join(', ')}`)
  assert.deepEqual({ traceparent: headers['traceparent'], tracestate: headers['tracestate'] }, trace)
  assert.doesNotMatch(JSON.stringify(body), /trace/, 'the body knows nothing of it')
}

test('an OpenAI-compatible server is told of the trace, whatever it is asked for', async (t) => {
  const { url, received } = await startServer(t)
  const backend = new OpenAiBackend({ name: 'remote', baseUrl: `${url}/v1`, model: 'm', embeddingModel: 'e', limits, maxConcurrent: 1 })
  t.after(() => backend.close())
  await assert.rejects(read(backend.generate(ask('Hi', { trace }), never)))
  await assert.rejects(read(backend.generate({ messages: [], rawPrompt: 'Hi', stop: [], trace }, never)))
  await assert.rejects(backend.embed!({ texts: ['Hi'], trace }, never))
  for (const path of ['/v1/chat/completions', '/v1/completions', '/v1/embeddings']) assertTold(received, path)
})

test('Ollama is told of the trace, whatever it is asked for', async (t) => {
  const { url, received } = await startServer(t)
  const backend = new OllamaBackend({ name: 'ollama', baseUrl: url, model: 'm', contextLength: 2048, maxTokens: 16, temperature: 0, keepAliveSeconds: -1, limits, maxConcurrent: 1 })
  t.after(() => backend.close())
  await assert.rejects(read(backend.generate(ask('Hi', { trace }), never)))
  await assert.rejects(read(backend.generate({ messages: [], rawPrompt: 'Hi', stop: [], trace }, never)))
  await assert.rejects(backend.embed({ texts: ['Hi'], trace }, never))
  for (const path of ['/api/chat', '/api/generate', '/api/embed']) assertTold(received, path)
})

test('a service that closes sends the spans that it still has', async (t) => {
  const collector = await startCollector(t)
  const server = await listen(t, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint })
  await ready(server.url)
  assert.equal((await post(server.url, { prompt: 'What is the capital of France?', stream: true }, { headers: { traceparent: trace.traceparent } })).status, 200)
  await server.close()
  const names = collector.spans.map(({ name }) => name).sort()
  assert.deepEqual(names, ['POST /switch/infer', 'chat switch-tiny'])
  for (const { traceId } of collector.spans) assert.equal(traceId, trace.traceparent.split('-')[1])
})
