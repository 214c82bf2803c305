// The real client, unmodified, against a listening /v1/responses.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import OpenAI, { APIError, BadRequestError, InternalServerError, NotFoundError } from 'openai'
import { zodResponsesFunction, zodTextFormat } from 'openai/helpers/zod'
import { z } from 'zod'
import { BackendError } from '../../../src/inference/failure.ts'
import type { InferenceEvent } from '../../../src/inference/request.ts'
import { answer, fakeBackend, silence } from '../../support/backends.ts'
import type { FakeBackendOptions } from '../../support/backends.ts'
import { listening } from '../../support/http.ts'
import { build, listen, until } from '../../support/service.ts'
import { weather } from './responses-support.ts'
import { able } from './support.ts'

/** A client of one fake backend. */
async function clientOf(t: TestContext, generate: NonNullable<FakeBackendOptions['generate']>): Promise<OpenAI> {
  const url = await listening(await build(t, { backends: [fakeBackend({ capabilities: able, generate })] }))
  return new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none' })
}

test('the embedded model answers, streams and goes on', async (t) => {
  const { url } = await listen(t)
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none' })
  const question = { model: 'default', input: 'What is the capital of France?', temperature: 0 }
  const whole = await client.responses.create(question)
  assert.equal(whole.output_text, 'The capital of France is Paris.')
  assert.deepEqual([whole.status, whole.usage?.input_tokens, whole.usage?.output_tokens], ['completed', 22, 11])
  const stream = client.responses.stream(question)
  let text = ''
  for await (const event of stream) if (event.type === 'response.output_text.delta') text += event.delta
  assert.equal(text, whole.output_text)
  assert.deepEqual((await stream.finalResponse()).output_text, text)
  const second = await client.responses.create({ ...question, input: 'What is the capital of Spain?', previous_response_id: whole.id })
  assert.equal(second.previous_response_id, whole.id)
  assert.ok(second.usage!.input_tokens > 22 + 11, 'the first turn is part of the prompt')
  assert.equal((await client.responses.retrieve(second.id)).output_text, second.output_text)
  const said = []
  for await (const item of client.responses.inputItems.list(second.id)) said.push(item)
  assert.equal(said.length, 1)
  await client.responses.delete(second.id)
  await assert.rejects(client.responses.retrieve(second.id), NotFoundError)
})

test('the embedded model keeps to a schema, calls a tool, and takes its result', async (t) => {
  const { url } = await listen(t)
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none' })
  const question = { model: 'default', input: 'How is the weather in Paris?', temperature: 0 }
  const Country = z.object({ name: z.string().max(20), isLarge: z.boolean() })
  const parsed = await client.responses.parse({ ...question, text: { format: zodTextFormat(Country, 'country') } })
  assert.ok(Country.safeParse(parsed.output_parsed).success)
  const tools = [zodResponsesFunction({ name: 'weather', parameters: z.object({ city: z.enum(['Paris', 'Madrid']) }) })]
  const called = await client.responses.stream({ ...question, tools, tool_choice: 'required' }).finalResponse()
  const call = called.output.find((item) => item.type === 'function_call')
  assert.match(call!.arguments, /"city":\s*"(Paris|Madrid)"/)
  const result = { type: 'function_call_output' as const, call_id: call!.call_id, output: 'clear sky' }
  const answered = await client.responses.create({ ...question, tools, tool_choice: 'none', previous_response_id: called.id, input: [result] })
  assert.ok(answered.output_text.length > 0)
})

test('an answer cut at its token limit says so', async (t) => {
  const { url } = await listen(t)
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none' })
  const cut = await client.responses.stream({ model: 'default', input: 'What is the capital of France?', temperature: 0, max_output_tokens: 3 }).finalResponse()
  assert.deepEqual([cut.status, cut.incomplete_details?.reason, cut.usage?.output_tokens], ['incomplete', 'max_output_tokens', 3])
})

test('thoughts and parallel calls pass the checks of the stream helper, and their results go back', async (t) => {
  const client = await clientOf(t, async function* ({ messages }): AsyncGenerator<InferenceEvent, void> {
    if (messages.at(-1)!.role === 'tool') return yield* answer(`It is ${messages.slice(-2).map(({ content }) => content).join(' and ')}.`)
    yield { type: 'reasoning', text: 'Two ' }
    yield { type: 'reasoning', text: 'cities.' }
    for (const id of ['call_1', 'call_2']) yield { type: 'tool-call', call: { id, name: 'weather', arguments: '{"city":"Paris"}' } }
    yield { type: 'finish', reason: 'tool_calls' }
  })
  const input: OpenAI.Responses.ResponseInput = [{ role: 'user', content: 'Weather?' }]
  const final = await client.responses.stream({ input, model: 'default', tools: [weather] }).finalResponse()
  const calls = final.output.filter((item) => item.type === 'function_call')
  assert.deepEqual(calls.map((call) => [call.call_id, call.name, call.arguments]), [['call_1', 'weather', '{"city":"Paris"}'], ['call_2', 'weather', '{"city":"Paris"}']])
  const [reasoning] = final.output
  assert.deepEqual(reasoning?.type === 'reasoning' && reasoning.summary, [{ type: 'summary_text', text: 'Two cities.' }])
  const results = calls.map(({ call_id }, index) => ({ type: 'function_call_output' as const, call_id, output: ['sunny', 'rainy'][index]! }))
  const answered = await client.responses.create({ model: 'default', tools: [weather], input: [...input, ...calls, ...results] })
  assert.equal(answered.output_text, 'It is sunny and rainy.')
  const continued = await client.responses.create({ model: 'default', tools: [weather], input: results, previous_response_id: final.id })
  assert.equal(continued.output_text, 'It is sunny and rainy.')
})

test('errors come as the client\'s own classes, and a tried route is not tried again by the client', async (t) => {
  let asked = 0
  // oxlint-disable-next-line require-yield
  const client = await clientOf(t, async function* () {
    asked++
    throw new BackendError('hermes', 'engine_died', 'The local engine died.')
  })
  await assert.rejects(client.responses.create({ model: 'default', input: 'Hi' }), InternalServerError)
  const attempts = asked
  await assert.rejects(client.responses.create({ model: 'default', input: 'Hi', stream: true }), InternalServerError)
  assert.equal(asked, 2 * attempts)
  await assert.rejects(client.responses.create({ model: 'none', input: 'Hi' }), NotFoundError)
  await assert.rejects(client.responses.create({ model: 'default', input: 'Hi', previous_response_id: 'resp_none' }), (error: APIError) => error instanceof BadRequestError && error.code === 'previous_response_not_found' && error.param === 'previous_response_id')
})

test('a stream that breaks off ends as a failed response', async (t) => {
  const client = await clientOf(t, async function* () {
    yield { type: 'text', text: 'Par' }
    throw new BackendError('hermes', 'engine_died', 'The local engine died.')
  })
  const final = await client.responses.stream({ model: 'default', input: 'Hi' }).finalResponse()
  assert.deepEqual([final.status, final.error?.code, final.output_text], ['failed', 'server_error', 'Par'])
})

test('a client that leaves in the middle stops the backend', async (t) => {
  let hasStopped = false
  const client = await clientOf(t, async function* (_request, signal) {
    signal.addEventListener('abort', () => { hasStopped = true })
    yield { type: 'text', text: 'Par' }
    yield* silence(signal)
  })
  for await (const event of await client.responses.create({ model: 'default', input: 'Hi', stream: true })) if (event.type === 'response.output_text.delta') break
  await until(() => hasStopped)
})
