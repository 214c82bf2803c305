// POST /v1/responses with "stream": true: which events come, in which order, and how a stream ends.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BackendError } from '../../../src/inference/failure.ts'
import type { InferenceEvent } from '../../../src/inference/request.ts'
import { answer, fakeBackend } from '../../support/backends.ts'
import type { FakeBackendOptions } from '../../support/backends.ts'
import { build } from '../../support/service.ts'
import { create, createdEvents, weather } from './responses-support.ts'
import type { StreamEvent } from './responses-support.ts'
import { able, recorder } from './support.ts'

const doing = (generate: NonNullable<FakeBackendOptions['generate']>) => ({ backends: [fakeBackend({ capabilities: able, generate })] })
const typesOf = (events: StreamEvent[]) => events.map(({ type }) => type.replace('response.', ''))
const died = () => new BackendError('hermes', 'engine_died', 'The local engine died.')

test('a text goes from created to completed, and the last event has all of it', async (t) => {
  const app = await build(t, doing(() => answer('Par', 'is')))
  const response = await create(app, { input: 'Capital?', stream: true })
  assert.match(String(response.headers['content-type']), /^text\/event-stream/)
  assert.equal(response.headers['x-switch-backend'], 'hermes')
  const events = createdEvents(response.body)
  assert.deepEqual(typesOf(events), ['created', 'in_progress', 'output_item.added', 'content_part.added', 'output_text.delta', 'output_text.delta', 'output_text.done', 'content_part.done', 'output_item.done', 'completed'])
  assert.deepEqual(events.map((event) => event['sequence_number']), [...events.keys()])
  const [created, , added, partAdded, delta, , textDone, partDone, itemDone, completed] = events
  const part = { type: 'output_text', text: 'Paris', annotations: [], logprobs: [] }
  const { id } = added!['item'] as { id: string }
  const place = { item_id: id, output_index: 0, content_index: 0 }
  assert.deepEqual(added!['item'], { type: 'message', id, status: 'in_progress', role: 'assistant', content: [] })
  assert.deepEqual(partAdded, { type: 'response.content_part.added', sequence_number: 3, ...place, part: { ...part, text: '' } })
  assert.deepEqual(delta, { type: 'response.output_text.delta', sequence_number: 4, ...place, delta: 'Par', logprobs: [] })
  assert.deepEqual(textDone, { type: 'response.output_text.done', sequence_number: 6, ...place, text: 'Paris', logprobs: [] })
  assert.deepEqual(partDone, { type: 'response.content_part.done', sequence_number: 7, ...place, part })
  assert.deepEqual(itemDone!['item'], { type: 'message', id, status: 'completed', role: 'assistant', content: [part] })
  assert.deepEqual(completed!.response!['output'], [itemDone!['item']])
  assert.deepEqual([created!.response!['status'], created!.response!['output'], created!.response!['model'], created!.response!['usage']], ['in_progress', [], 'fake-model', null])
  assert.equal((completed!.response!['usage'] as Record<string, unknown>)['total_tokens'], 5)
  assert.equal(completed!.response!['id'], created!.response!['id'])
})

test('the completed response of a stream has the fields of the JSON answer', async (t) => {
  const app = await build(t)
  const events = createdEvents((await create(app, { input: 'Hi', stream: true })).body)
  assert.deepEqual(Object.keys(events.at(-1)!.response!), Object.keys((await create(app, { input: 'Hi' })).json()))
})

test('thoughts, text and calls are told one after the other, each under its own index', async (t) => {
  const app = await build(t, doing(async function* (): AsyncGenerator<InferenceEvent, void> {
    yield { type: 'reasoning', text: 'Hm.' }
    yield { type: 'text', text: 'I look.' }
    yield { type: 'tool-call', call: { id: 'call_1', name: 'weather', arguments: '{"city":"Paris"}' } }
    yield { type: 'finish', reason: 'tool_calls' }
  }))
  const events = createdEvents((await create(app, { input: 'Hi', tools: [weather], stream: true })).body)
  assert.deepEqual(typesOf(events), [
    'created', 'in_progress',
    'output_item.added', 'reasoning_summary_part.added', 'reasoning_summary_text.delta', 'reasoning_summary_text.done', 'reasoning_summary_part.done', 'output_item.done',
    'output_item.added', 'content_part.added', 'output_text.delta', 'output_text.done', 'content_part.done', 'output_item.done',
    'output_item.added', 'function_call_arguments.delta', 'function_call_arguments.done', 'output_item.done',
    'completed'
  ])
  assert.deepEqual(events.flatMap((event) => event['output_index'] ?? []), [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2])
  const [added, delta, done, itemDone, completed] = events.slice(-5)
  const call = { type: 'function_call', id: delta!['item_id'], call_id: 'call_1', name: 'weather' }
  assert.deepEqual(added!['item'], { ...call, status: 'in_progress', arguments: '' })
  assert.equal(delta!['delta'], '{"city":"Paris"}')
  assert.deepEqual([done!['item_id'], done!['name'], done!['arguments']], [call.id, 'weather', '{"city":"Paris"}'])
  assert.deepEqual(itemDone!['item'], { ...call, status: 'completed', arguments: '{"city":"Paris"}' })
  const doneItems = events.filter(({ type }) => type === 'response.output_item.done').map((event) => event['item'])
  assert.deepEqual(completed!.response!['output'], doneItems)
})

test('an answer that met its token limit ends with response.incomplete', async (t) => {
  const app = await build(t, doing(async function* (): AsyncGenerator<InferenceEvent, void> {
    yield { type: 'text', text: 'One' }
    yield { type: 'finish', reason: 'length' }
  }))
  const last = createdEvents((await create(app, { input: 'Count', stream: true })).body).at(-1)!
  assert.deepEqual([last.type, last.response!['status'], last.response!['incomplete_details']], ['response.incomplete', 'incomplete', { reason: 'max_output_tokens' }])
})

test('a failure before the first delta is an HTTP error in OpenAI\'s envelope', async (t) => {
  // oxlint-disable-next-line require-yield
  const app = await build(t, doing(async function* () { throw died() }))
  const response = await create(app, { input: 'Hi', stream: true })
  assert.equal(response.statusCode, 503)
  assert.equal(response.json().error.switch_code, 'SWITCH_ROUTE_UNAVAILABLE')
  assert.equal(response.headers['x-should-retry'], 'false')
})

test('a failure after it ends the stream with response.failed and what came, which is not kept', async (t) => {
  const { backend } = recorder({ async* generate(): AsyncGenerator<InferenceEvent, void> {
    yield { type: 'text', text: 'Par' }
    throw died()
  } })
  const app = await build(t, { backends: [backend] })
  const response = await create(app, { input: 'Hi', stream: true })
  const failed = createdEvents(response.body).at(-1)!
  assert.equal(failed.type, 'response.failed')
  const { id, status, error, output } = failed.response as { id: string, status: string, error: Record<string, string>, output: { status: string, content: { text: string }[] }[] }
  assert.deepEqual([status, error['code'], error['switch_code'], error['request_id']], ['failed', 'server_error', 'SWITCH_STREAM_INTERRUPTED', response.headers['x-request-id']])
  assert.deepEqual([output[0]!.status, output[0]!.content[0]!.text], ['incomplete', 'Par'])
  assert.equal((await app.inject(`/v1/responses/${id}`)).statusCode, 404)
})
