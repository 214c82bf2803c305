// The same chat request gives replies of one shape, field by field, whichever kind of backend answers.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { Backend } from '../../../src/backends/backend.ts'
import { upstreamAndBackend } from '../../backends/openai/support.ts'
import { backendAt as ollamaAt } from '../../backends/ollama/ollama.ts'
import { localBackend } from '../../support/engine.ts'
import { done, fakeOllama } from '../../support/fake-ollama.ts'
import { build } from '../../support/service.ts'
import { chat, chunksOf, messages } from './support.ts'

type Kind = 'text' | 'calls'

/** One of each kind, set up to answer with a text or with calls. */
const makers: Record<Backend['kind'], (t: TestContext, kind: Kind) => Promise<Backend>> = {
  openai: async (t, kind) => {
    const { upstream, backend } = await upstreamAndBackend(t)
    if (kind === 'calls') await upstream.setFault('tool-calls')
    return backend
  },
  ollama: async (t, kind) => {
    const ollama = await fakeOllama(t)
    const calls = [{ id: 'call_1', name: 'get_weather', arguments: { city: 'Paris' } }]
    if (kind === 'calls') ollama.script.push({ lines: [done({ tool_calls: calls })] })
    return ollamaAt(t, ollama.url, { name: 'hermes' })
  },
  'llama-cpp': async (t) => localBackend(t)
}

const schema = (field: string) => ({ type: 'object', properties: { [field]: { type: 'string', maxLength: 12 } }, required: [field], additionalProperties: false })
const tools = [['get_weather', 'city'], ['get_time', 'zone']].map(([name, field]) => ({ type: 'function', function: { name, parameters: schema(field!) } }))

const requests: Record<Kind, object> = {
  text: { messages, max_tokens: 24, temperature: 0 },
  calls: { messages, max_tokens: 256, temperature: 0, tools, tool_choice: 'required' }
}

/** The types of a JSON value, without its values; a list has the shapes of its members, each once. */
function shapeOf(value: unknown): unknown {
  if (value === null) return 'null'
  if (Array.isArray(value)) return [...new Set(value.map((member) => JSON.stringify(shapeOf(member))))].map((text) => JSON.parse(text) as unknown)
  if (typeof value !== 'object') return typeof value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, shapeOf(member)]))
}

const usage = { prompt_tokens: 'number', completion_tokens: 'number', total_tokens: 'number', prompt_tokens_details: { cached_tokens: 'number' }, completion_tokens_details: { reasoning_tokens: 'number' } }
const call = { id: 'string', type: 'string', function: { name: 'string', arguments: 'string' } }
const whole = (message: object) => ({
  id: 'string', object: 'string', created: 'number', model: 'string',
  choices: [{ index: 'number', message: { role: 'string', ...message }, logprobs: 'null', finish_reason: 'string' }], usage
})
const chunk = (delta: object, finish = 'null') => ({
  id: 'string', object: 'string', created: 'number', model: 'string', choices: [{ index: 'number', delta, logprobs: 'null', finish_reason: finish }], usage: 'null'
})

const wholeShape: Record<Kind, object> = {
  text: whole({ content: 'string', refusal: 'null' }),
  calls: whole({ content: 'null', refusal: 'null', tool_calls: [call] })
}
const streamShape: Record<Kind, object[]> = {
  text: [chunk({ role: 'string', content: 'string' }), chunk({ content: 'string' }), chunk({}, 'string')],
  calls: [
    chunk({ role: 'string', content: 'string' }),
    chunk({ tool_calls: [{ index: 'number', ...call }] }),
    chunk({ tool_calls: [{ index: 'number', function: { arguments: 'string' } }] }),
    chunk({}, 'string')
  ]
}
const usageChunk = { id: 'string', object: 'string', created: 'number', model: 'string', choices: [], usage }

for (const backendKind of ['openai', 'ollama', 'llama-cpp'] as const) {
  for (const kind of ['text', 'calls'] as const) {
    test(`${backendKind}: ${kind}, whole`, async (t) => {
      const app = await build(t, { backends: [await makers[backendKind](t, kind)] })
      const response = await chat(app, requests[kind])
      assert.equal(response.statusCode, 200, response.body)
      assert.deepEqual(shapeOf(response.json()), wholeShape[kind])
      assert.equal(response.json().choices[0].finish_reason === 'tool_calls', kind === 'calls')
    })

    test(`${backendKind}: ${kind}, streamed`, async (t) => {
      const app = await build(t, { backends: [await makers[backendKind](t, kind)] })
      const chunks = chunksOf(await chat(app, { ...requests[kind], stream: true, stream_options: { include_usage: true } }))
      assert.deepEqual(shapeOf(chunks), [...streamShape[kind], usageChunk])
    })
  }
}
