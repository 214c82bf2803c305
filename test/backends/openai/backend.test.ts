import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { OpenAiOptions } from '../../../src/backends/openai/backend.ts'
import type { Fault } from '../../../src/drill/fake-upstream/faults.ts'
import { BackendError, CallerGone } from '../../../src/inference/failure.ts'
import { until } from '../../support/service.ts'
import { backendAt, upstreamAndBackend } from './support.ts'

const never = new AbortController().signal

test('describes itself', (t) => {
  const backend = backendAt(t, 'https://api.openai.com/v1', { name: 'vllm', capabilities: { contextLength: 8192, tools: false, prefill: true } })
  const { kind, name, source, framework, isLocal, maxConcurrent, capabilities } = backend
  assert.deepEqual({ kind, name, source, framework, isLocal, maxConcurrent }, { kind: 'openai', name: 'vllm', source: 'vllm', framework: 'openai', isLocal: false, maxConcurrent: 4 })
  assert.deepEqual(capabilities, { contextLength: 8192, tools: false, jsonSchema: true, prefill: false, vision: false, logprobs: true, rawPrompt: true })
  assert.deepEqual(backend.state(), { status: 'ready', model: 'gpt-6-luna' })
})

for (const [url, isLocal] of [['http://localhost:1/v1', true], ['http://127.0.0.2/v1', true], ['http://[::1]:8000', true], ['http://gpu-box:8000/v1', false], ['http://127.0.0.1.example.com', false], ['http://192.168.1.2', false]] as const) {
  test(`${url} is ${isLocal ? '' : 'not '}local`, (t) => assert.equal(backendAt(t, url).isLocal, isLocal))
}

async function probing(t: TestContext, fault: Fault, options: Partial<OpenAiOptions> = {}): Promise<string> {
  const { upstream, backend } = await upstreamAndBackend(t, options)
  await upstream.setFault(fault)
  try {
    await backend.probe(never)
    return 'there'
  } catch (error) {
    assert.ok(error instanceof BackendError)
    return error.reason
  } finally {
    assert.equal(upstream.requests.length, 0, 'a probe spends no token')
  }
}

for (const [fault, outcome] of [['none', 'there'], ['empty-answer', 'there'], ['unauthorized', 'unauthorized'], ['status-503', 'server_error'], ['refused', 'connection'], ['reset', 'connection']] as [Fault, string][]) {
  test(`a probe of an upstream with ${fault} says ${outcome}`, async (t) => assert.equal(await probing(t, fault), outcome))
}

test('a probe of a server without a list of models says there', async (t) => {
  const { upstream } = await upstreamAndBackend(t)
  await backendAt(t, `${upstream.url}/elsewhere`).probe(never)
})

test('an aborted probe rejects with the signal\'s reason and closes its connection', async (t) => {
  const { upstream, backend } = await upstreamAndBackend(t)
  await upstream.setFault('silence')
  const aborter = new AbortController()
  const asked = backend.probe(aborter.signal)
  await until(() => upstream.openConnections() === 1)
  const gone = new CallerGone()
  aborter.abort(gone)
  await assert.rejects(asked, (error) => error === gone)
  await until(() => upstream.openConnections() === 0)
})
