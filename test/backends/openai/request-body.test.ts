import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chatBody } from '../../../src/backends/openai/chat-body.ts'
import type { Dialect } from '../../../src/backends/openai/chat-body.ts'
import type { InferenceRequest } from '../../../src/inference/request.ts'
import { apiKey, failureOf, generate, hello, upstreamAndBackend } from './support.ts'

const plain: Dialect = { model: 'm', maxTokensField: 'max_tokens', thinkingStyle: 'none' }

function bodyOf(request: Partial<InferenceRequest>, dialect: Partial<Dialect> = {}): Record<string, unknown> {
  return JSON.parse(chatBody({ ...hello, ...request }, { ...plain, ...dialect })) as Record<string, unknown>
}

const base = { model: 'm', messages: hello.messages, stream: true, stream_options: { include_usage: true } }

test('what the request leaves open is left out', () => {
  assert.deepEqual(bodyOf({}), base)
})

test('every field of the request reaches the server under its name', () => {
  const tools = [{ type: 'function' as const, function: { name: 'f', parameters: { type: 'object' } } }]
  const responseFormat = { type: 'json_schema' as const, json_schema: { name: 's', schema: { type: 'object' }, strict: true } }
  assert.deepEqual(bodyOf({ maxTokens: 7, temperature: 0, topP: 0.5, stop: ['a', 'b'], seed: 3, tools, toolChoice: 'required', responseFormat, sessionId: 's', contextLength: 100 }), {
    ...base, max_tokens: 7, temperature: 0, top_p: 0.5, stop: ['a', 'b'], seed: 3, tools, tool_choice: 'required', response_format: responseFormat
  })
})

test('the newer name of max_tokens is used where the server wants it', () => {
  assert.deepEqual(bodyOf({ maxTokens: 7 }, { maxTokensField: 'max_completion_tokens' }), { ...base, max_completion_tokens: 7 })
})

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
