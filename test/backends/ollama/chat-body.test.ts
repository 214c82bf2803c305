import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { OllamaBackendOptions } from '../../../src/backends/ollama/backend.ts'
import type { InferenceRequest, Tool } from '../../../src/inference/request.ts'
import { fakeOllama } from '../../support/fake-ollama.ts'
import { backendAt, collect, hi, never } from './ollama.ts'

/** The body that Ollama gets for `fields`. */
async function sent(t: TestContext, fields: Partial<InferenceRequest> = {}, options: Partial<OllamaBackendOptions> = {}): Promise<Record<string, unknown>> {
  const ollama = await fakeOllama(t)
  const { error } = await collect(backendAt(t, ollama.url, options).generate({ ...hi, ...fields }, never))
  assert.equal(error, undefined)
  return ollama.chats[0]!
}

const optionsOf = async (...parameters: Parameters<typeof sent>) => (await sent(...parameters))['options']

test('sends everything that decides how the model is loaded, and forbids silent truncation', async (t) => {
  assert.deepEqual(await sent(t), {
    model: 'hermes3:3b',
    messages: [{ role: 'user', content: 'Hi' }],
    stream: true,
    truncate: false,
    shift: false,
    think: false,
    keep_alive: -1,
    options: { num_ctx: 2048, num_predict: 512, temperature: 0.7 }
  })
})

test('sends the conversation in order', async (t) => {
  const messages = [{ role: 'system', content: 'Be brief.' }, { role: 'user', content: 'Hi' }, { role: 'assistant', content: 'Hello' }, { role: 'user', content: 'Wie geht’s? 🙂' }] as const
  assert.deepEqual((await sent(t, { messages }))['messages'], messages)
})

test('sends sampling parameters under their names in Ollama', async (t) => {
  assert.deepEqual(await optionsOf(t, { maxTokens: 5, temperature: 0, topP: 0.5, seed: 0, stop: ['\n', 'END'], frequencyPenalty: 0.5, presencePenalty: -1 }), { num_ctx: 2048, num_predict: 5, temperature: 0, top_p: 0.5, seed: 0, stop: ['\n', 'END'], frequency_penalty: 0.5, presence_penalty: -1 })
})

test('never asks for more tokens than configured, nor for 0, which would mean without bound', async (t) => {
  assert.deepEqual(await optionsOf(t, { maxTokens: 9999 }), { num_ctx: 2048, num_predict: 512, temperature: 0.7 })
  assert.deepEqual(await optionsOf(t, { maxTokens: 0 }), { num_ctx: 2048, num_predict: 1, temperature: 0.7 })
})

test('keeps num_ctx when a request wants another context length: a change would reload the model', async (t) => {
  assert.deepEqual(await optionsOf(t, { contextLength: 512 }), { num_ctx: 2048, num_predict: 512, temperature: 0.7 })
  assert.deepEqual(await optionsOf(t, { contextLength: 9999 }), { num_ctx: 2048, num_predict: 512, temperature: 0.7 })
})

test('sends the keep-alive as a number of seconds', async (t) => {
  assert.equal((await sent(t, {}, { keepAliveSeconds: 300 }))['keep_alive'], 300)
})

test('lets a model think when the request wants it', async (t) => {
  assert.equal((await sent(t, { thinking: true }))['think'], true)
  assert.equal((await sent(t, { thinking: false }))['think'], false)
})

test('asks for JSON, or for a schema without its envelope', async (t) => {
  const schema = { type: 'object', properties: { a: { type: 'number' } } }
  assert.equal((await sent(t, { responseFormat: { type: 'json_object' } }))['format'], 'json')
  assert.deepEqual((await sent(t, { responseFormat: { type: 'json_schema', json_schema: { name: 'x', schema } } }))['format'], schema)
  assert.equal((await sent(t, { responseFormat: { type: 'json_schema', json_schema: { name: 'x' } } }))['format'], 'json')
})

const weather: Tool = { type: 'function', function: { name: 'weather', description: 'Tells the weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } } }
const time: Tool = { type: 'function', function: { name: 'time' } }
const timeSent = { type: 'function', function: { name: 'time', parameters: { type: 'object', properties: {} } } }

test('offers tools, each with parameters', async (t) => {
  assert.deepEqual((await sent(t, { tools: [weather, time] }))['tools'], [weather, timeSent])
  assert.deepEqual((await sent(t, { tools: [weather], toolChoice: 'required' }))['tools'], [weather])
})

test('offers no tool when none may be called, and only the named one', async (t) => {
  assert.ok(!('tools' in await sent(t, { tools: [weather], toolChoice: 'none' })))
  assert.deepEqual((await sent(t, { tools: [weather, time], toolChoice: { name: 'time' } }))['tools'], [timeSent])
})

test('asks for log probabilities', async (t) => {
  const { logprobs, top_logprobs: others } = await sent(t, { logprobs: 0 })
  assert.deepEqual([logprobs, others], [true, 0])
})
