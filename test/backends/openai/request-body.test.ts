import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chatBody } from '../../../src/backends/openai/chat-body.ts'
import type { Dialect } from '../../../src/backends/openai/common-body.ts'
import type { InferenceRequest, Tool } from '../../../src/inference/request.ts'
import { apiKey, failureOf, generate, hello, upstreamAndBackend } from './support.ts'

const plain: Dialect = { model: 'm', maxTokensField: 'max_tokens', thinkingStyle: 'none', hasTools: true }

function bodyOf(request: Partial<InferenceRequest>, dialect: Partial<Dialect> = {}): Record<string, unknown> {
  return JSON.parse(chatBody({ ...hello, ...request }, { ...plain, ...dialect })) as Record<string, unknown>
}

const base = { model: 'm', messages: hello.messages, stream: true, stream_options: { include_usage: true } }

test('what the request leaves open is left out', () => {
  assert.deepEqual(bodyOf({}), base)
})

test('every field of the request reaches the server under its name', () => {
  const tools = [{ type: 'function' as const, function: { name: 'f', parameters: { type: 'object' }, strict: true } }]
  const responseFormat = { type: 'json_schema' as const, json_schema: { name: 's', schema: { type: 'object' }, strict: true } }
  const fields: Partial<InferenceRequest> = {
    maxTokens: 7, temperature: 0, topP: 0.5, stop: ['a', 'b'], seed: 3, tools, toolChoice: 'required', parallelToolCalls: false, responseFormat,
    frequencyPenalty: -1, presencePenalty: 0.5, logprobs: 0, reasoningEffort: 'low', sessionId: 's', contextLength: 100
  }
  assert.deepEqual(bodyOf(fields), {
    ...base, max_tokens: 7, temperature: 0, top_p: 0.5, stop: ['a', 'b'], seed: 3, tools, tool_choice: 'required', parallel_tool_calls: false, response_format: responseFormat,
    frequency_penalty: -1, presence_penalty: 0.5, logprobs: true, top_logprobs: 0, reasoning_effort: 'low'
  })
})

test('the newer name of max_tokens is used where the server wants it', () => {
  assert.deepEqual(bodyOf({ maxTokens: 7 }, { maxTokensField: 'max_completion_tokens' }), { ...base, max_completion_tokens: 7 })
})

const f: Tool = { type: 'function', function: { name: 'f' } }

test('a named function is chosen in OpenAI\'s form', () => {
  assert.deepEqual(bodyOf({ tools: [f], toolChoice: { name: 'f' } })['tool_choice'], { type: 'function', function: { name: 'f' } })
})

test('what is said of tools is left out where there is none, or the server takes none', () => {
  const choices = { toolChoice: 'none', parallelToolCalls: true } as const
  assert.deepEqual(bodyOf({ ...choices }), base)
  assert.deepEqual(bodyOf({ ...choices, tools: [] }), base)
  assert.deepEqual(bodyOf({ ...choices, tools: [f] }, { hasTools: false }), base)
  assert.deepEqual(bodyOf({ ...choices, tools: [f] }), { ...base, tools: [f], tool_choice: 'none', parallel_tool_calls: true })
})

const efforts: [request: Partial<InferenceRequest>, fields: object][] = [
  [{ reasoningEffort: 'high' }, { thinking: { type: 'enabled' }, reasoning_effort: 'high' }],
  [{ reasoningEffort: 'none' }, { thinking: { type: 'disabled' } }],
  [{ reasoningEffort: 'high', thinking: false }, { thinking: { type: 'disabled' } }],
  [{ reasoningEffort: 'max', thinking: true }, { thinking: { type: 'enabled' }, reasoning_effort: 'max' }]
]

for (const [request, fields] of efforts) {
  test(`DeepSeek is told of ${JSON.stringify(request)}`, () => assert.deepEqual(bodyOf(request, { thinkingStyle: 'deepseek' }), { ...base, ...fields }))
}

test('thinking is switched in DeepSeek\'s way only, and only when the request says so', () => {
  assert.deepEqual(bodyOf({ thinking: true }), base)
  assert.deepEqual(bodyOf({}, { thinkingStyle: 'deepseek' }), base)
  assert.deepEqual(bodyOf({ thinking: true }, { thinkingStyle: 'deepseek' })['thinking'], { type: 'enabled' })
  assert.deepEqual(bodyOf({ thinking: false }, { thinkingStyle: 'deepseek' })['thinking'], { type: 'disabled' })
})

test('the request carries key, organisation and no wish for compression', async (t) => {
  const { upstream, backend } = await upstreamAndBackend(t, { organisation: 'org-1' })
  await generate(backend, { maxTokens: 5 })
  const { headers, body } = upstream.requests[0]!
  assert.equal(headers.authorization, `Bearer ${apiKey}`)
  assert.equal(headers['openai-organization'], 'org-1')
  assert.equal(headers['content-type'], 'application/json')
  assert.equal(headers['accept-encoding'], 'identity')
  assert.deepEqual(body, { ...base, model: 'gpt-6-luna', max_tokens: 5 })
})

test('a key with a line feed at its end works', async (t) => {
  const { upstream, backend } = await upstreamAndBackend(t, { apiKey: `${apiKey}\n` })
  await generate(backend)
  assert.equal(upstream.requests[0]!.headers.authorization, `Bearer ${apiKey}`)
})

test('without a key there is no Authorization header', async (t) => {
  const { upstream, backend } = await upstreamAndBackend(t, { apiKey: undefined })
  assert.equal((await generate(backend)).finish, 'stop')
  assert.equal(upstream.requests[0]!.headers.authorization, undefined)
})

test('refuses to continue given text', async (t) => {
  const { upstream, backend } = await upstreamAndBackend(t)
  assert.equal(backend.capabilities.prefill, false)
  assert.equal(failureOf(await generate(backend, { prefill: 'Once' })).reason, 'internal')
  assert.equal(upstream.requests.length, 0)
})
