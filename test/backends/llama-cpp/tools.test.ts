import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Ajv } from 'ajv'
import { LlamaCppBackend } from '../../../src/backends/llama-cpp/backend.ts'
import { startEngineProcess } from '../../../src/backends/llama-cpp/engine-process.ts'
import { defaultPatience } from '../../../src/backends/llama-cpp/supervision/engine-watch.ts'
import { systemClock } from '../../../src/inference/clock.ts'
import type { BackendError } from '../../../src/inference/failure.ts'
import type { InferenceRequest, Tool } from '../../../src/inference/request.ts'
import { ask, engineSettings, never } from '../../support/engine.ts'
import { silentLogger } from '../../support/service.ts'
import { readWhole } from '../../support/whole-answer.ts'

let backend: LlamaCppBackend
before(() => {
  backend = LlamaCppBackend.of({
    backend: 'hermes', model: 'switch-tiny', settings: { ...engineSettings, slots: 2 }, start: startEngineProcess,
    checkModel: async () => undefined, patience: defaultPatience, clock: systemClock, log: silentLogger
  })
})
after(() => backend.close())

function tool(name: string, parameters?: Record<string, unknown>): Tool {
  return { type: 'function', function: { name, ...parameters && { parameters } } }
}

const weather = tool('get_weather', { type: 'object', properties: { city: { type: 'string', maxLength: 20 }, unit: { enum: ['c', 'f'] } }, required: ['city'], additionalProperties: false })
const tools = [
  weather,
  tool('get'),
  tool('add', { type: 'object', properties: { a: { type: 'integer', minimum: 0, maximum: 9 }, b: { type: 'integer' } }, required: ['a', 'b'] }),
  tool('tag', { type: 'object', properties: { words: { type: 'array', items: { type: 'string', pattern: '^[a-z"\\\\]{1,8}$' }, minItems: 1, maxItems: 3 }, on: { type: 'boolean' } }, required: ['words', 'on'], additionalProperties: false }),
  tool('anything', {})
]
const question = 'What is the weather in Paris?'
const call = (fields: Partial<InferenceRequest>, prompt = question) => readWhole(backend.generate(ask(prompt, { tools, ...fields }), never))

function assertValid(name: string, text: string): void {
  const { parameters } = tools.find(({ function: { name: own } }) => own === name)!.function
  const value: unknown = JSON.parse(text)
  assert.ok(new Ajv().validate({ type: 'object', ...parameters }, value), `${name}(${text})`)
}

test('a named function is called, with arguments valid under its schema', async () => {
  for (const { function: { name } } of tools) {
    for (const seed of [1, 2]) {
      const { calls, text, finish } = await call({ toolChoice: { name }, temperature: 1, seed })
      assert.deepEqual([calls.map((one) => one.name), text, finish], [[name], '', 'tool_calls'])
      assertValid(name, calls[0]!.arguments)
    }
  }
})

test('a name that is not among the tools is refused', async () => {
  await assert.rejects(call({ toolChoice: { name: 'fly' } }), (error: BackendError) => error.reason === 'rejected' && error.message.includes('"fly"'))
})

test('a function without parameters is called with an empty object', async () => {
  assert.equal((await call({ toolChoice: { name: 'get' } })).calls[0]!.arguments, '{}')
})

test('required: at least one call, one at most without parallel calls, each with an id of its own', async () => {
  const ids = new Set<string>()
  for (const seed of [1, 2, 3, 4]) {
    const { calls, finish } = await call({ toolChoice: 'required', temperature: 1.5, seed, maxTokens: 500 })
    if (finish === 'tool_calls') assert.ok(calls.length >= 1)
    for (const { name, arguments: text } of calls) assertValid(name, text)
    const single = await call({ toolChoice: 'required', parallelToolCalls: false, temperature: 1.5, seed })
    assert.deepEqual([single.calls.length, single.finish], [1, 'tool_calls'])
    for (const { id } of single.calls) {
      assert.match(id, /^call_[0-9a-f]{32}$/)
      ids.add(id)
    }
  }
  assert.equal(ids.size, 4)
})

test('auto: a model that does not call answers in text', async () => {
  const { text, calls, finish } = await call({ tools: [weather] }, 'What is the capital of France?')
  assert.deepEqual([text, calls, finish], ['The capital of France is Paris.', [], 'stop'])
})

test('auto: what the model begins as a call becomes a valid one, wherever its beginning is cut', async () => {
  const beginning = 'I look.\n<tool_call>\n{"name": "'
  for (let end = beginning.indexOf('call>') + 5; end <= beginning.length; end++) {
    const { text, calls, finish } = await call({ prefill: beginning.slice(0, end), parallelToolCalls: false })
    assert.deepEqual([text, calls.length, finish], ['', 1, 'tool_calls'], JSON.stringify(beginning.slice(0, end)))
    assertValid(calls[0]!.name, calls[0]!.arguments)
  }
})

test('none: the model does not know of the tools', async () => {
  const { usage } = await call({ toolChoice: 'none', maxTokens: 1 })
  const without = await readWhole(backend.generate(ask(question, { maxTokens: 1 }), never))
  assert.equal(usage!.prompt_tokens, without.usage!.prompt_tokens)
})

test('a call that max_tokens cuts is left out', async () => {
  const whole = await call({ toolChoice: { name: 'get_weather' } })
  for (let maxTokens = 1; maxTokens < whole.usage!.completion_tokens; maxTokens++) {
    const { calls, text, finish, usage } = await call({ toolChoice: { name: 'get_weather' }, maxTokens })
    assert.deepEqual([calls, text, finish, usage!.completion_tokens], [[], '', 'length', maxTokens])
  }
})

test('stop texts do not cut calls', async () => {
  const { calls } = await call({ toolChoice: { name: 'get_weather' }, stop: ['"', 'call'] })
  assertValid('get_weather', calls[0]!.arguments)
})

test('calls and their results are part of the prompt', async () => {
  const asked = { role: 'assistant', content: '', toolCalls: [{ id: 'a', name: 'get_weather', arguments: '{"city": "Paris"}' }] } as const
  const prompts = []
  for (const content of ['{"sky": "clear"}', '{"sky": "grey"}']) {
    const { text, finish } = await readWhole(backend.generate({ messages: [{ role: 'user', content: question }, asked, { role: 'tool', content, toolCallId: 'a' }], stop: [], temperature: 0, tools }, never))
    assert.equal(finish, 'stop')
    prompts.push(text)
  }
  assert.match(prompts[0]!, /clear/)
  assert.doesNotMatch(prompts[1]!, /clear/)
})

test('beside tools an answer in JSON stays one, or is a call', async () => {
  const responseFormat = { type: 'json_schema', json_schema: { name: 'place', schema: weather.function.parameters! } } as const
  const { text, calls, finish } = await call({ responseFormat })
  if (finish === 'tool_calls') for (const one of calls) assertValid(one.name, one.arguments)
  else assertValid('get_weather', text)
  assert.notEqual(finish, 'length')
})

test('tools beside another generation: each gets its own answer', async () => {
  const [called, plain] = await Promise.all([call({ toolChoice: { name: 'get_weather' } }), readWhole(backend.generate(ask('What is the capital of Spain?'), never))])
  assertValid('get_weather', called!.calls[0]!.arguments)
  assert.equal(plain!.text, 'The capital of Spain is Madrid.')
})
