import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Ajv } from 'ajv'
import { LlamaCppBackend } from '../../../src/backends/llama-cpp/backend.ts'
import { withSchemaHint } from '../../../src/backends/llama-cpp/engine/prompt/schema-hint.ts'
import { startEngineInside } from '../../../src/backends/llama-cpp/engine-inside.ts'
import { defaultPatience } from '../../../src/backends/llama-cpp/supervision/engine-watch.ts'
import { systemClock } from '../../../src/inference/clock.ts'
import type { BackendError } from '../../../src/inference/failure.ts'
import type { InferenceRequest } from '../../../src/inference/request.ts'
import { ask, engineSettings, never } from '../../support/engine.ts'
import { silentLogger } from '../../support/service.ts'
import { readWhole } from '../../support/whole-answer.ts'

let backend: LlamaCppBackend
before(() => {
  backend = LlamaCppBackend.of({
    backend: 'hermes', model: 'switch-tiny', settings: { ...engineSettings, slots: 2, isSpeculative: true }, start: startEngineInside,
    checkModel: async () => undefined, patience: defaultPatience, clock: systemClock, log: silentLogger
  })
})
after(() => backend.close())

const schema = { type: 'object', properties: { country: { type: 'string', maxLength: 30 }, capital: { type: 'string', maxLength: 30 }, rank: { type: 'integer', minimum: 1, maximum: 9 } }, required: ['country', 'capital'], additionalProperties: false }
const answer = (fields: Partial<InferenceRequest>) => readWhole(backend.generate(ask('What is the capital of France?', fields), never))
const inSchema = (of: Record<string, unknown>) => ({ responseFormat: { type: 'json_schema', json_schema: { name: 'answer', schema: of } } }) as const
const isValid = (text: string, of: Record<string, unknown> = schema) => new Ajv({ strict: false }).validate(of, JSON.parse(text))

test('an answer under a schema is valid and ends by itself, at any temperature', async () => {
  for (const temperature of [0, 1, 2]) {
    const { text, finish } = await answer({ ...inSchema(schema), temperature, seed: 11 })
    assert.equal(finish, 'stop')
    assert.ok(isValid(text), text)
  }
})

test('what asks for JSON gets an object', async () => {
  for (const seed of [1, 2, 3]) {
    const { text, finish } = await answer({ responseFormat: { type: 'json_object' }, temperature: 1, seed })
    assert.equal(finish, 'stop')
    assert.ok(isValid(text, { type: 'object' }), text)
  }
})

test('values that are no objects are answers too', async () => {
  assert.ok(['"red"', '"blue"'].includes((await answer(inSchema({ enum: ['red', 'blue'] }))).text))
})

test('an answer goes on validly from any beginning of it', async () => {
  const whole = (await answer(inSchema(schema))).text
  for (let end = 1; end <= whole.length; end++) {
    const { text, finish } = await answer({ ...inSchema(schema), prefill: whole.slice(0, end) })
    assert.equal(finish, 'stop')
    assert.ok(isValid(whole.slice(0, end) + text), whole.slice(0, end) + text)
  }
})

test('a beginning that the grammar would not have made is continued all the same, and is not repeated', async () => {
  for (const prefill of ['{\n  "country":\t"Fra', '{"country": "France", "capital": "Paris"} is']) {
    const { text, usage } = await answer({ ...inSchema(schema), prefill, maxTokens: 40 })
    assert.ok(!text.startsWith('{'), text)
    assert.ok(usage!.completion_tokens <= 40)
  }
})

test('answers in JSON and free ones are decoded side by side', async () => {
  const [json, plain] = await Promise.all([answer(inSchema(schema)), answer({})])
  assert.ok(isValid(json!.text))
  assert.equal(plain!.text, 'The capital of France is Paris.')
})

test('a schema that no answer can fulfil is refused with its reason', async () => {
  await assert.rejects(answer(inSchema({ type: 'integer', minimum: 3, maximum: 2 })), (error: BackendError) => error.reason === 'rejected' && error.message.includes('schema'))
  assert.equal((await answer({})).text, 'The capital of France is Paris.')
})

test('text as it is goes without a template, and control tokens in it count', async () => {
  const raw = (rawPrompt: string, fields: Partial<InferenceRequest> = {}) => readWhole(backend.generate({ messages: [], rawPrompt, stop: [], temperature: 0, ...fields }, never))
  const chat = await raw('<|im_start|>user\nWhat is the capital of France?<|im_end|>\n<|im_start|>assistant\n')
  assert.equal(chat.text, 'The capital of France is Paris.')
  assert.ok((await raw('The capital of', { maxTokens: 5 })).usage!.prompt_tokens <= 4)
  assert.equal((await raw('', { maxTokens: 3 })).usage!.prompt_tokens, 1)
  assert.equal((await raw('<|im_start|>user\nWhat is the capital of France?<|im_end|>\n<|im_start|>assistant\n', { prefill: 'The capital' })).text, ' of France is Paris.')
})

test('penalties change what is repeated, and none changes nothing', async () => {
  const count = async (fields: Partial<InferenceRequest>) => (await readWhole(backend.generate(ask('Count from 1 to 20.', { maxTokens: 60, ...fields }), never))).text
  const plain = await count({})
  assert.equal(await count({ frequencyPenalty: 0, presencePenalty: 0 }), plain)
  const frequent = await count({ frequencyPenalty: 2 })
  assert.ok(frequent.split(',').length < plain.split(',').length, frequent)
  const story = async (presencePenalty: number) => (await readWhole(backend.generate(ask('Tell me a story about a dragon.', { maxTokens: 60, temperature: 2, topP: 1, seed: 3, presencePenalty }), never))).text
  assert.notEqual(await story(2), await story(0))
})

test('the schema hint stands in the system turn, behind what is there, and only for a schema', () => {
  const user = { role: 'user', content: 'Hi' } as const
  const hinted = withSchemaHint({ messages: [{ role: 'system', content: 'Be brief.' }, user], ...inSchema(schema) })
  assert.deepEqual(hinted.map(({ role }) => role), ['system', 'user'])
  assert.match(String(hinted[0]!.content), /^Be brief\.\n\n[^]*<schema>\n\{"type":"object"[^]*\}\n<\/schema>$/)
  assert.deepEqual(withSchemaHint({ messages: [user], ...inSchema(schema) }).map(({ role }) => role), ['system', 'user'])
  assert.deepEqual(withSchemaHint({ messages: [user], responseFormat: { type: 'json_object' } }), [user])
})
