// POST /v1/responses: what goes in, what comes out, and what is refused.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LightMyRequestResponse } from 'fastify'
import { BackendError } from '../../../src/inference/failure.ts'
import type { InferenceEvent, InferenceRequest } from '../../../src/inference/request.ts'
import { answer, fakeBackend } from '../../support/backends.ts'
import { build, until } from '../../support/service.ts'
import { create, weather } from './responses-support.ts'
import { able, recorder } from './support.ts'

type Json = Record<string, unknown>

const output = (response: LightMyRequestResponse) => response.json<{ output: Json[] }>().output

test('a text is answered with the whole response object', async (t) => {
  const app = await build(t)
  const response = await create(app, { model: 'default', input: 'Hi', metadata: { trace: '7' }, instructions: 'Be kind.', temperature: 0.5 })
  assert.equal(response.statusCode, 200, response.body)
  const { id, created_at: createdAt, output: [message], ...rest } = response.json<Json & { output: Json[] }>()
  assert.match(String(id), /^resp_[0-9a-f]{32}$/)
  assert.ok(Number.isInteger(createdAt))
  assert.match(String(message!['id']), /^msg_[0-9a-f]{32}$/)
  assert.deepEqual({ ...message, id: '' }, { type: 'message', id: '', status: 'completed', role: 'assistant', content: [{ type: 'output_text', text: 'Hello', annotations: [], logprobs: [] }] })
  assert.deepEqual(rest, {
    object: 'response', status: 'completed', error: null, incomplete_details: null, model: 'fake-model', background: false,
    instructions: 'Be kind.', max_output_tokens: null, metadata: { trace: '7' }, parallel_tool_calls: true, previous_response_id: null,
    reasoning: { effort: null, summary: null }, store: true, temperature: 0.5, text: { format: { type: 'text' } }, tool_choice: 'auto', tools: [], top_p: null, truncation: 'disabled',
    usage: { input_tokens: 3, input_tokens_details: { cached_tokens: 0 }, output_tokens: 1, output_tokens_details: { reasoning_tokens: 0 }, total_tokens: 4 }
  })
})

test('the receipt is in the headers and the log line', async (t) => {
  const app = await build(t)
  const response = await create(app, { input: 'Hi' })
  assert.equal(response.headers['x-switch-attempts'], 'hermes;success')
  assert.equal(String(response.headers['x-switch-inference-id']).slice(4), response.json().id.slice(5))
  const line = await until(() => app.lines.find(({ route }) => route === '/v1/responses'))
  assert.deepEqual([line['tokens_used'], line['status']], [4, 200])
})

test('every field goes to the backend in the domain\'s terms', async (t) => {
  const { backend, seen } = recorder()
  const app = await build(t, { backends: [backend] })
  const schema = { type: 'object', properties: { city: { type: 'string' } } }
  const response = await create(app, {
    input: [
      { role: 'developer', content: 'Short.' },
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'What is this?' }, { type: 'input_image', image_url: 'https://example.org/cat.png', detail: 'low' }] }
    ],
    model: 'hermes', instructions: 'Be kind.', max_output_tokens: 9, temperature: 0.1, top_p: 0.5, parallel_tool_calls: false, prompt_cache_key: 'session', top_logprobs: 2,
    reasoning: { effort: 'low', summary: 'auto' }, tools: [{ ...weather, description: null }], tool_choice: { type: 'function', name: 'weather' },
    text: { format: { type: 'json_schema', name: 'city', schema, strict: true }, verbosity: 'low' }
  })
  assert.equal(response.statusCode, 200, response.body)
  assert.deepEqual(seen[0], {
    messages: [
      { role: 'system', content: 'Be kind.' },
      { role: 'system', content: 'Short.' },
      { role: 'user', content: [{ type: 'text', text: 'What is this?' }, { type: 'image', url: 'https://example.org/cat.png', detail: 'low' }] }
    ],
    stop: [], maxTokens: 9, temperature: 0.1, topP: 0.5, parallelToolCalls: false, sessionId: 'session', logprobs: 2, reasoningEffort: 'low', thinking: true,
    tools: [{ type: 'function', function: { name: 'weather', parameters: weather.parameters } }], toolChoice: { name: 'weather' },
    responseFormat: { type: 'json_schema', json_schema: { name: 'city', schema, strict: true } }
  } satisfies InferenceRequest)
})

test('calls and what they gave become messages, the result directly behind its call', async (t) => {
  const { backend, seen } = recorder()
  const app = await build(t, { backends: [backend] })
  const response = await create(app, { input: [
    { role: 'user', content: 'Weather in Paris and Madrid?' },
    { type: 'reasoning', id: 'rs_1', summary: [] },
    { role: 'assistant', content: 'I look.' },
    { type: 'function_call', call_id: 'a', name: 'weather', arguments: '{"city":"Paris"}' },
    { type: 'function_call', id: 'fc_1', call_id: 'b', name: 'weather', arguments: '' },
    { type: 'function_call_output', call_id: 'b', output: [{ type: 'input_text', text: 'rain' }, { type: 'input_text', text: 'wind' }] },
    { type: 'function_call_output', call_id: 'a', output: 'sun', status: 'completed' },
    { type: 'function_call', call_id: 'a', name: 'weather', arguments: '{}' },
    { type: 'function_call_output', call_id: 'a', output: 'snow' },
    { role: 'assistant', content: [{ type: 'output_text', text: 'Sun.' }, { type: 'refusal', refusal: 'No more.' }] },
    { role: 'user', content: 'Thanks' }
  ] })
  assert.equal(response.statusCode, 200, response.body)
  assert.deepEqual(seen[0]!.messages, [
    { role: 'user', content: 'Weather in Paris and Madrid?' },
    { role: 'assistant', content: 'I look.', toolCalls: [{ id: 'a', name: 'weather', arguments: '{"city":"Paris"}' }, { id: 'b', name: 'weather', arguments: '{}' }] },
    { role: 'tool', content: 'sun', toolCallId: 'a' },
    { role: 'tool', content: 'rain\nwind', toolCallId: 'b' },
    { role: 'assistant', content: '', toolCalls: [{ id: 'a', name: 'weather', arguments: '{}' }] },
    { role: 'tool', content: 'snow', toolCallId: 'a' },
    { role: 'assistant', content: 'Sun.\nNo more.' },
    { role: 'user', content: 'Thanks' }
  ])
})

test('thoughts, text and calls are items of their own, in this order', async (t) => {
  const app = await build(t, { backends: [fakeBackend({ capabilities: able, async* generate(): AsyncGenerator<InferenceEvent, void> {
    yield { type: 'reasoning', text: 'Hm.' }
    yield { type: 'text', text: 'I look.' }
    yield { type: 'tool-call', call: { id: 'call_1', name: 'weather', arguments: '{"city":"Paris"}' } }
    yield { type: 'tool-call', call: { id: 'call_2', name: 'weather', arguments: '{}' } }
    yield* answer()
  } })] })
  const items = output(await create(app, { input: 'Hi', tools: [weather] }))
  assert.deepEqual(items.map(({ type }) => type), ['reasoning', 'message', 'function_call', 'function_call'])
  assert.deepEqual(items[0]!['summary'], [{ type: 'summary_text', text: 'Hm.' }])
  assert.deepEqual({ ...items[2], id: '' }, { type: 'function_call', id: '', status: 'completed', call_id: 'call_1', name: 'weather', arguments: '{"city":"Paris"}' })
  assert.equal(new Set(items.map(({ id }) => id)).size, 4)
})

test('an answer that met its token limit is incomplete', async (t) => {
  const app = await build(t, { backends: [fakeBackend({ async* generate(): AsyncGenerator<InferenceEvent, void> {
    yield { type: 'text', text: 'One, two' }
    yield { type: 'finish', reason: 'length' }
  } })] })
  const response = (await create(app, { input: 'Count', max_output_tokens: 2 })).json()
  assert.deepEqual([response.status, response.incomplete_details, response.output[0].status], ['incomplete', { reason: 'max_output_tokens' }, 'incomplete'])
})

test('an answer without a word is a message without a word, since clients look for one', async (t) => {
  const app = await build(t, { backends: [fakeBackend({ generate: () => answer() })] })
  const items = output(await create(app, { input: 'Hi' }))
  assert.deepEqual(items.map(({ type }) => type), ['message'])
})

test('log probabilities come with the text where the backend has them', async (t) => {
  const logprobs = [{ token: 'Hello', logprob: -0.1, bytes: null, top_logprobs: [] }]
  const { backend, seen } = recorder({ async* generate() {
    yield { type: 'text', text: 'Hello', logprobs }
    yield* answer()
  } })
  const app = await build(t, { backends: [backend] })
  const [message] = output(await create(app, { input: 'Hi', include: ['message.output_text.logprobs'] }))
  assert.deepEqual((message!['content'] as Json[])[0]!['logprobs'], logprobs)
  assert.equal(seen[0]!.logprobs, 0)
})

for (const [what, body, param, pattern] of [
  ['no input', {}, 'input', /is missing/],
  ['an empty list', { input: [] }, 'input', /at least one item/],
  ['an item that is no object', { input: ['Hi'] }, 'input[0]', /must be an object/],
  ['an item of an unknown type', { input: [{ type: 'computer_call' }] }, 'input[0].type', /"computer_call" is not supported/],
  ['a file', { input: [{ role: 'user', content: [{ type: 'input_file', file_id: 'f' }] }] }, 'input[0].content[0].type', /"input_file" is not supported/],
  ['an uploaded picture', { input: [{ role: 'user', content: [{ type: 'input_image', file_id: 'f' }] }] }, 'input[0].content[0].image_url', /file_id/],
  ['a picture of the assistant', { input: [{ role: 'assistant', content: [{ type: 'input_image', image_url: 'https://example.org/a.png' }] }] }, 'input[0].content[0].type', /messages of the user/],
  ['a picture where none is understood', { input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'https://example.org/a.png' }] }] }, 'input', /^input is not supported by hermes/],
  ['an unknown role', { input: [{ role: 'robot', content: 'Hi' }] }, 'input[0].role', /must be one of user/],
  ['half a surrogate pair', { input: '\ud800' }, 'input[0].content[0].text', /valid Unicode/],
  ['arguments that are no JSON', { input: [{ type: 'function_call', call_id: 'a', name: 'f', arguments: '{' }] }, 'input[0].arguments', /must be JSON/],
  ['a call without its output', { input: [{ type: 'function_call', call_id: 'a', name: 'f', arguments: '{}' }] }, 'input', /no function_call_output for the call a/],
  ['an output without its call', { input: [{ type: 'function_call_output', call_id: 'a', output: 'sun' }] }, 'input', /no function_call before the output/],
  ['two outputs of one call', { input: [{ type: 'function_call', call_id: 'a', name: 'f', arguments: '{}' }, { type: 'function_call_output', call_id: 'a', output: 'sun' }, { type: 'function_call_output', call_id: 'a', output: 'rain' }] }, 'input', /several outputs for the call a/],
  ['an end with the assistant', { input: [{ role: 'assistant', content: 'Hi' }] }, 'input', /what it is to answer/],
  ['a built-in tool', { input: 'Hi', tools: [{ type: 'web_search' }] }, 'tools[0].type', /"web_search" is not supported/],
  ['two tools of one name', { input: 'Hi', tools: [weather, weather] }, 'tools[1].name', /earlier tool/],
  ['a choice of no tool', { input: 'Hi', tools: [weather], tool_choice: { type: 'function', name: 'sing' } }, 'tool_choice', /"sing"/],
  ['a choice of a built-in tool', { input: 'Hi', tools: [weather], tool_choice: { type: 'file_search' } }, 'tool_choice', /none, auto, required/],
  ['tools where none are called', { input: 'Hi', tools: [weather] }, 'tools', /not supported by hermes/],
  ['an unknown format', { input: 'Hi', text: { format: { type: 'xml' } } }, 'text.format.type', /text, json_object or json_schema/],
  ['background', { input: 'Hi', background: true }, 'background', /Use stream/],
  ['a conversation', { input: 'Hi', conversation: 'conv_1' }, 'conversation', /previous_response_id/],
  ['a kept prompt', { input: 'Hi', prompt: { id: 'p' } }, 'prompt', /instructions and input/],
  ['truncation', { input: 'Hi', truncation: 'auto' }, 'truncation', /Shorten the input/],
  ['a wrong number', { input: 'Hi', max_output_tokens: 0 }, 'max_output_tokens', /1 to 10000000/],
  ['metadata that are no texts', { input: 'Hi', metadata: { a: 1 } }, 'metadata.a', /must be a text/]
] as [string, object, string, RegExp][]) {
  test(`refuses ${what} with a 400 that names the field`, async (t) => {
    const response = await create(await build(t), body)
    assert.equal(response.statusCode, 400, response.body)
    const { error } = response.json<{ error: Json }>()
    assert.deepEqual([error['param'], error['type']], [param, 'invalid_request_error'])
    assert.match(String(error['message']), pattern)
  })
}

for (const [what, body, param] of [
  ['of the answer', { text: { format: { type: 'json_schema', name: 'city', schema: { type: 'object', properties: { a: { $dynamicRef: '#a' } } } } } }, /^text\.format\.schema/],
  ['of a tool', { tools: [{ type: 'function', name: 'f', parameters: { type: 'object', properties: { a: { $dynamicRef: '#a' } } } }] }, /^tools\[0\]\.parameters/]
] as const) {
  test(`a schema ${what} that cannot be kept to is a 400 that names its field and the keyword`, async (t) => {
    const app = await build(t, { backends: [recorder().backend] })
    for (const stream of [false, true]) {
      const response = await create(app, { input: 'Hi', stream, ...body })
      assert.equal(response.statusCode, 400, response.body)
      const { error } = response.json<{ error: Record<string, string> }>()
      assert.match(error['param']!, param)
      assert.match(error['message']!, /\$dynamicRef/)
      assert.doesNotMatch(error['message']!, /response_format|function/)
    }
  })
}

test('a prompt that is too long is a 400 that names input', async (t) => {
  // oxlint-disable-next-line require-yield
  const app = await build(t, { backends: [fakeBackend({ async* generate() { throw new BackendError('hermes', 'context_length_exceeded', 'Too long.', { facts: { context_length: 8, prompt_tokens: 9 } }) } })] })
  const response = await create(app, { input: 'Hi' })
  assert.deepEqual([response.statusCode, response.json().error.code, response.json().error.param], [400, 'context_length_exceeded', 'input'])
})

test('null is the same as absent, and unknown fields are left alone', async (t) => {
  const app = await build(t)
  const nulls = Object.fromEntries(['model', 'instructions', 'tools', 'tool_choice', 'text', 'reasoning', 'metadata', 'store', 'stream', 'temperature', 'top_p', 'max_output_tokens', 'previous_response_id', 'conversation', 'prompt', 'background', 'truncation', 'include', 'parallel_tool_calls', 'user'].map((name) => [name, null]))
  const response = await create(app, { ...nulls, input: 'Hi', service_tier: 'auto', client_metadata: {} })
  assert.equal(response.statusCode, 200, response.body)
})

test('an unknown model is 404 model_not_found', async (t) => {
  const response = await create(await build(t), { input: 'Hi', model: 'none' })
  assert.deepEqual([response.statusCode, response.json().error.code, response.json().error.param], [404, 'model_not_found', 'model'])
})
