// The real backend over the fake upstream.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { OpenAiBackend } from '../../../src/backends/openai/backend.ts'
import type { OpenAiOptions } from '../../../src/backends/openai/backend.ts'
import { startFakeUpstream } from '../../../src/drill/fake-upstream/server.ts'
import type { FakeUpstream, FakeUpstreamOptions } from '../../../src/drill/fake-upstream/server.ts'
import { BackendError } from '../../../src/inference/failure.ts'
import type { InferenceEvent, InferenceRequest, ToolCall, Usage } from '../../../src/inference/request.ts'

export const apiKey = 'sk-secret-0123456789'

export function backendAt(t: TestContext, baseUrl: string, options: Partial<OpenAiOptions> = {}): OpenAiBackend {
  const limits = { timeoutMs: undefined, firstTokenMs: undefined, idleMs: undefined }
  const backend = new OpenAiBackend({ name: 'openai', baseUrl, apiKey, model: 'gpt-6-luna', limits, maxConcurrent: 4, ...options })
  t.after(() => backend.close())
  return backend
}

/** A backend whose server answers as `answer` does. */
export async function backendOver(t: TestContext, answer: RequestListener, options: Partial<OpenAiOptions> = {}): Promise<OpenAiBackend> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  t.after(() => { server.closeAllConnections(); server.close() })
  return backendAt(t, `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/`, options)
}

/** A fake upstream and a backend that speaks with it; both close after the test. */
export async function upstreamAndBackend(t: TestContext, { upstream: upstreamOptions, ...options }: Partial<OpenAiOptions> & { upstream?: FakeUpstreamOptions } = {}): Promise<{ upstream: FakeUpstream, backend: OpenAiBackend }> {
  const upstream = await startFakeUpstream(upstreamOptions)
  t.after(() => upstream.close())
  return { upstream, backend: backendAt(t, upstream.url, options) }
}

export const hello: InferenceRequest = { messages: [{ role: 'user', content: 'Tell me a story.' }], stop: [] }

export type ReadAnswer = {
  events: InferenceEvent[]
  text: string
  reasoning: string
  calls: ToolCall[]
  usage: Usage | undefined
  finish: string | undefined
  /** What the stream threw. */
  error: unknown
}

/** Reads to the end or to the error. */
export async function readAll(stream: AsyncIterable<InferenceEvent>): Promise<ReadAnswer> {
  const answer: ReadAnswer = { events: [], text: '', reasoning: '', calls: [], usage: undefined, finish: undefined, error: undefined }
  try {
    for await (const event of stream) {
      answer.events.push(event)
      if (event.type === 'text') answer.text += event.text
      else if (event.type === 'reasoning') answer.reasoning += event.text
      else if (event.type === 'tool-call') answer.calls.push(event.call)
      else if (event.type === 'usage') answer.usage = event.usage
      else answer.finish = event.reason
    }
  } catch (error) {
    answer.error = error
  }
  return answer
}

export function generate(backend: OpenAiBackend, request: Partial<InferenceRequest> = {}, signal = new AbortController().signal): Promise<ReadAnswer> {
  return readAll(backend.generate({ ...hello, ...request }, signal))
}

/** The error, after checking what every one owes its reader. */
export function failureOf({ error, finish }: ReadAnswer): BackendError {
  assert.ok(error instanceof BackendError, `no BackendError: ${String(error)}`)
  assert.equal(finish, undefined, 'a failed answer has no finish')
  assert.equal(error.backend, 'openai')
  assert.ok(!error.message.includes(apiKey), 'the key stays secret')
  assert.ok(error.message.length < 560)
  assert.match(error.message, /^openai \S.*[.)]$/, 'the message is a sentence that says who spoke')
  return error
}
