// What POST /v1/chat/completions accepts, and what of it reaches the backend.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { build } from '../../support/service.ts'
import { chat, envelopeOf, messages, recorder, tools } from './support.ts'

const call = { id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Oslo"}' } }
const plain = { messages, stop: [], thinking: false }

const accepted: [what: string, body: object, request: object][] = [
  ['nothing but messages', { model: undefined }, plain],
  ['null everywhere', { temperature: null, top_p: null, max_tokens: null, max_completion_tokens: null, n: null, stop: null, seed: null, logprobs: null, top_logprobs: null, stream: null, stream_options: null, response_format: null, tools: null, tool_choice: null, parallel_tool_calls: null, reasoning_effort: null, frequency_penalty: null, presence_penalty: null, user: null, logit_bias: null, functions: null, function_call: null, modalities: null, prompt_cache_key: null, safety_identifier: null }, plain],
  ['fields that nobody knows', { metadata: { a: '1' }, store: true, service_tier: 'auto', verbosity: 'low', web_search_options: {}, made_up: [1], logit_bias: {}, modalities: ['text'] }, plain],
  ['the sampling', { temperature: 0.5, top_p: 0.9, seed: 7, frequency_penalty: 1, presence_penalty: -1, stop: ['a', 'b'] }, { ...plain, temperature: 0.5, topP: 0.9, seed: 7, frequencyPenalty: 1, presencePenalty: -1, stop: ['a', 'b'] }],
  ['one stop text', { stop: 'a' }, { ...plain, stop: ['a'] }],
  ['a share of nothing as the smallest one', { top_p: 0 }, { ...plain, topP: 1e-6 }],
  ['max_tokens', { max_tokens: 5 }, { ...plain, maxTokens: 5 }],
  ['max_completion_tokens before max_tokens', { max_tokens: 5, max_completion_tokens: 6 }, { ...plain, maxTokens: 6 }],
  ['n = 1', { n: 1 }, plain],
  ['format text', { response_format: { type: 'text' } }, plain],
  ['format json_object', { response_format: { type: 'json_object' } }, { ...plain, responseFormat: { type: 'json_object' } }],
  ['a schema, with what annotates it', { response_format: { type: 'json_schema', json_schema: { name: 'x', description: 'y', strict: true, schema: { $schema: 'http://json-schema.org/draft-07/schema#', type: 'object', default: null } } } }, { ...plain, responseFormat: { type: 'json_schema', json_schema: { name: 'x', schema: { $schema: 'http://json-schema.org/draft-07/schema#', type: 'object', default: null }, strict: true } } }],
  ['tools', { tools }, { ...plain, tools }],
  ['a strict tool', { tools: [{ type: 'function', function: { name: 'f', strict: true, description: null, parameters: null } }] }, { ...plain, tools: [{ type: 'function', function: { name: 'f', strict: true } }] }],
  ['no tools at all', { tools: [], tool_choice: 'auto' }, plain],
  ['a named tool', { tools, tool_choice: { type: 'function', function: { name: 'get_weather' } }, parallel_tool_calls: false }, { ...plain, tools, toolChoice: { name: 'get_weather' }, parallelToolCalls: false }],
  ['tool_choice required', { tools, tool_choice: 'required' }, { ...plain, tools, toolChoice: 'required' }],
  ['tool_choice none', { tools, tool_choice: 'none' }, { ...plain, tools, toolChoice: 'none' }],
  ['an effort', { reasoning_effort: 'low' }, { ...plain, reasoningEffort: 'low', thinking: true }],
  ['no effort', { reasoning_effort: 'none' }, { ...plain, reasoningEffort: 'none', thinking: false }],
  ['log probabilities', { logprobs: true, top_logprobs: 3 }, { ...plain, logprobs: 3 }],
  ['log probabilities of the tokens alone', { logprobs: true }, { ...plain, logprobs: 0 }],
  ['no log probabilities', { logprobs: false }, plain],
  ['the cache key before the user as a hint', { prompt_cache_key: 'k', user: 'u' }, { ...plain, sessionId: 'k' }],
  ['the user as a hint', { user: 'u' }, { ...plain, sessionId: 'u' }],
  ['the developer as the system', { messages: [{ role: 'developer', content: 'Be brief.' }, ...messages] }, { ...plain, messages: [{ role: 'system', content: 'Be brief.' }, ...messages] }],
  ['a name beside a message', { messages: [{ role: 'user', content: 'Hi', name: 'Ada' }] }, plain],
  ['text in parts', { messages: [{ role: 'user', content: [{ type: 'text', text: 'a' }, { type: 'text', text: 'b' }] }] }, { ...plain, messages: [{ role: 'user', content: 'a\nb' }] }],
  ['a picture', { messages: [{ role: 'user', content: [{ type: 'text', text: 'a' }, { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA', detail: 'low' } }] }] }, { ...plain, messages: [{ role: 'user', content: [{ type: 'text', text: 'a' }, { type: 'image', url: 'data:image/png;base64,AAAA', detail: 'low' }] }] }],
  ['a refusal of before', { messages: [...messages, { role: 'assistant', content: null, refusal: 'No.' }, ...messages] }, { ...plain, messages: [...messages, { role: 'assistant', content: 'No.' }, ...messages] }],
  [
    'a call and its result',
    { tools, messages: [...messages, { role: 'assistant', content: null, tool_calls: [call] }, { role: 'tool', tool_call_id: 'call_1', content: [{ type: 'text', text: 'rain' }] }] },
    { ...plain, tools, messages: [...messages, { role: 'assistant', content: '', toolCalls: [{ id: 'call_1', name: 'get_weather', arguments: '{"city":"Oslo"}' }] }, { role: 'tool', toolCallId: 'call_1', content: 'rain' }] }
  ],
  [
    'a call without arguments as one of none',
    { tools, messages: [...messages, { role: 'assistant', tool_calls: [{ ...call, function: { name: 'f', arguments: '' } }] }, { role: 'tool', tool_call_id: 'call_1', content: '' }] },
    { ...plain, tools, messages: [...messages, { role: 'assistant', content: '', toolCalls: [{ id: 'call_1', name: 'f', arguments: '{}' }] }, { role: 'tool', toolCallId: 'call_1', content: '' }] }
  ]
]

for (const [what, body, request] of accepted) {
  test(`takes ${what}`, async (t) => {
    const { backend, seen } = recorder()
    const app = await build(t, { backends: [backend] })
    const response = await chat(app, body)
    // What is asked is asserted here; whether the fake's answer has the calls that it should is not.
    assert.ok(seen.length > 0, response.body)
    assert.deepEqual(seen[0], request)
  })
}

test('model reasoning thinks, a backend by name keeps its habit', async (t) => {
  const { backend, seen } = recorder()
  const app = await build(t, { backends: [backend] })
  for (const model of ['reasoning', 'hermes']) await chat(app, { model })
  assert.deepEqual(seen.map(({ thinking }) => thinking), [true, undefined])
})

const turn = (role: string, more: object = {}) => ({ role, content: 'Hi', ...more })
const refused: [body: object, param: string | null, reason: RegExp][] = [
  [{ n: 2 }, 'n', /must be 1/],
  [{ n: 0 }, 'n', /whole number/],
  [{ messages: [] }, 'messages', /at least one message/],
  [{ messages: 'Hi' }, 'messages', /list of messages/],
  [{ messages: ['Hi'] }, 'messages[0]', /must be a message/],
  [{ messages: [turn('wizard')] }, 'messages[0].role', /must be one of system, developer, user, assistant, tool/],
  [{ messages: [turn('function', { name: 'f' })] }, 'messages[0].role', /must be one of/],
  [{ messages: [turn('user'), turn('assistant')] }, 'messages[1].role', /must not be assistant/],
  [{ messages: [turn('user', { content: 5 })] }, 'messages[0].content', /text or a list of parts/],
  [{ messages: [turn('user', { content: [{ type: 'input_audio', input_audio: {} }] })] }, 'messages[0].content[0].type', /sound and files are not supported/],
  [{ messages: [turn('user', { content: [{ type: 'file', file: {} }] })] }, 'messages[0].content[0].type', /sound and files are not supported/],
  [{ messages: [turn('user', { content: [{ type: 'image_url', image_url: { url: 'ftp://x/y.png' } }] })] }, 'messages[0].content[0].image_url.url', /must be a picture/],
  [{ messages: [turn('system', { content: [{ type: 'image_url', image_url: { url: 'https://x/y.png' } }] }), turn('user')] }, 'messages[0].content[0].type', /this role takes no others/],
  [{ messages: [turn('user'), turn('tool', { tool_call_id: 'x' })] }, 'messages[1].tool_call_id', /must name a call/],
  [{ messages: [turn('user'), { role: 'assistant', tool_calls: [call] }, turn('user')] }, 'messages[1].tool_calls', /must be followed by a tool message for the call "call_1"/],
  [{ messages: [turn('user'), { role: 'assistant', tool_calls: [{ ...call, function: { name: 'f', arguments: '{' } }] }, turn('tool', { tool_call_id: 'call_1' })] }, 'messages[1].tool_calls[0].function.arguments', /must be JSON/],
  [{ messages: [turn('user', { content: '\ud800' })] }, 'messages[0].content', /surrogate/],
  [{ temperature: 2.5 }, 'temperature', /from 0 to 2/],
  [{ top_p: 1.5 }, 'top_p', /from 0 to 1/],
  [{ frequency_penalty: 3 }, 'frequency_penalty', /from -2 to 2/],
  [{ max_tokens: 0 }, 'max_tokens', /from 1/],
  [{ stop: [''] }, 'stop[0]', /1 to 256/],
  [{ stream: 'yes' }, 'stream', /true or false/],
  [{ logit_bias: { 50256: -100 } }, 'logit_bias', /not supported/],
  [{ functions: [] }, 'functions', /Send tools instead/],
  [{ function_call: 'auto' }, 'function_call', /Send tool_choice instead/],
  [{ modalities: ['text', 'audio'] }, 'modalities[1]', /sound is not supported/],
  [{ top_logprobs: 2 }, 'top_logprobs', /needs logprobs/],
  [{ logprobs: true, top_logprobs: 21 }, 'top_logprobs', /from 0 to 20/],
  [{ reasoning_effort: 'most' }, 'reasoning_effort', /none, minimal, low/],
  [{ response_format: { type: 'xml' } }, 'response_format.type', /json_schema/],
  [{ response_format: { type: 'json_schema', json_schema: { name: 'a b' } } }, 'response_format.json_schema.name', /letters/],
  [{ tools: [{ type: 'custom', custom: { name: 'x' } }] }, 'tools[0].type', /custom and built-in tools are not supported/],
  [{ tools: [...tools, ...tools] }, 'tools[1].function.name', /earlier tool/],
  [{ tool_choice: 'required' }, 'tool_choice', /needs tools/],
  [{ tools, tool_choice: { type: 'function', function: { name: 'other' } } }, 'tool_choice', /"other", which is not among the tools/],
  [{ tools, tool_choice: { type: 'custom', custom: { name: 'x' } } }, 'tool_choice', /none, auto, required/]
]

for (const [body, param, reason] of refused) {
  test(`refuses ${JSON.stringify(body).slice(0, 100)} by the field ${param}`, async (t) => {
    const { backend, seen } = recorder()
    const app = await build(t, { backends: [backend] })
    const error = envelopeOf(await chat(app, body), 400, 'invalid_value')
    assert.equal(error.type, 'invalid_request_error')
    assert.equal(error.param, param)
    assert.match(error.message, reason)
    assert.equal(seen.length, 0)
  })
}

test('a body with a picture of two megabytes is read', async (t) => {
  const { backend, seen } = recorder()
  const app = await build(t, { backends: [backend] })
  const url = `data:image/png;base64,${'A'.repeat(2_000_000)}`
  assert.equal((await chat(app, { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }] })).statusCode, 200)
  assert.deepEqual(seen[0]!.messages[0]!.content, [{ type: 'image', url }])
})
