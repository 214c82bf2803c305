// POST /switch/infer with conversations in OpenAI's form: calls, their results, pictures, and the choice of a tool.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { InferenceRequest } from '../../src/inference/request.ts'
import { answer, fakeBackend } from '../support/backends.ts'
import { errorOf, infer } from '../support/http.ts'
import { build } from '../support/service.ts'

const question = { role: 'user', content: 'Weather?' }
const call = { id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Oslo"}' } }
const asked = { role: 'assistant', content: null, tool_calls: [call] }
const result = { role: 'tool', tool_call_id: 'call_1', content: 'Rain.' }
const tools = [{ type: 'function', function: { name: 'get_weather', parameters: { type: 'object' } } }]
const capabilities = { contextLength: 2048, tools: true, jsonSchema: true, prefill: false, vision: true, logprobs: false, rawPrompt: false }

function recorder() {
  const seen: InferenceRequest[] = []
  return { seen, backend: fakeBackend({ capabilities, generate: (request) => { seen.push(request); return answer('Rain.') } }) }
}

test('a call and its result reach the backend, and the result is the prompt', async (t) => {
  const { backend, seen } = recorder()
  const app = await build(t, { backends: [backend] })
  const response = await infer(app, { messages: [question, asked, result], tools })
  assert.equal(response.json().prompt, 'Rain.')
  assert.deepEqual(seen[0]!.messages, [question, { role: 'assistant', content: '', toolCalls: [{ id: 'call_1', name: 'get_weather', arguments: '{"city":"Oslo"}' }] }, { role: 'tool', content: 'Rain.', toolCallId: 'call_1' }])
})

test('pictures reach the backend, and the prompt is the text beside them', async (t) => {
  const { backend, seen } = recorder()
  const app = await build(t, { backends: [backend] })
  const content = [{ type: 'text', text: 'What is it?' }, { type: 'image_url', image_url: { url: 'https://example.org/cat.png' } }]
  assert.equal((await infer(app, { messages: [{ role: 'user', content }] })).json().prompt, 'What is it?')
  assert.deepEqual(seen[0]!.messages[0]!.content, [{ type: 'text', text: 'What is it?' }, { type: 'image', url: 'https://example.org/cat.png' }])
})

test('pictures are refused where no backend sees', async (t) => {
  const content = [{ type: 'image_url', image_url: { url: 'https://example.org/cat.png' } }]
  const { details } = errorOf(await infer(await build(t), { messages: [{ role: 'user', content }] }), 400, 'SWITCH_REQUEST_UNSUPPORTED')
  assert.deepEqual(details, [{ path: 'messages', reason: 'not supported by hermes' }])
})

for (const [choice, toolChoice] of [['auto', 'auto'], ['none', 'none'], [{ type: 'function', function: { name: 'get_weather' } }, { name: 'get_weather' }]] as const) {
  test(`tool_choice ${JSON.stringify(choice)} is read`, async (t) => {
    const { backend, seen } = recorder()
    await infer(await build(t, { backends: [backend] }), { prompt: 'Hi', tools, tool_choice: choice })
    assert.deepEqual(seen[0]!.toolChoice, toolChoice)
  })
}

for (const [body, path, reason] of [
  [{ messages: [question], tools, tool_choice: { type: 'function', function: { name: 'other' } } }, 'tool_choice', /not among the tools/],
  [{ messages: [question], tool_choice: 'required' }, 'tool_choice', /needs tools/],
  [{ messages: [question], tools, tool_choice: 'maybe' }, 'tool_choice', /must be none, auto, required/],
  [{ messages: [question, asked] }, 'messages.1.tool_calls', /must be followed by a tool message/],
  [{ messages: [question, result] }, 'messages.1.tool_call_id', /must name a call/],
  [{ messages: [{ role: 'assistant', content: '' }, question] }, 'messages.0.content', /must not be empty without tool_calls/],
  [{ messages: [{ role: 'user', content: [] }] }, 'messages.0.content', /at least one part/],
  [{ messages: [{ role: 'user', content: [{ type: 'text', text: 'a', more: 1 }] }] }, 'messages.0.content.0.more', /unknown field/],
  [{ messages: [question], tools: [{ ...tools[0], more: 1 }] }, 'tools.0.more', /unknown field/]
] as const) {
  test(`refuses ${JSON.stringify(body).slice(0, 90)} by ${path}`, async (t) => {
    const { backend } = recorder()
    const { details } = errorOf(await infer(await build(t, { backends: [backend] }), body), 400, 'SWITCH_REQUEST_INVALID')
    assert.equal(details![0]!.path, path)
    assert.match(details![0]!.reason, reason)
  })
}
