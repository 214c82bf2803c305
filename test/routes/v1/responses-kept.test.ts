// Answers that /v1/responses keeps: going on from them, reading them again, deleting them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answer } from '../../support/backends.ts'
import { build } from '../../support/service.ts'
import { create, createdEvents, weather } from './responses-support.ts'
import { able, recorder } from './support.ts'

type Page = { data: { id: string, type: string, content?: { text: string }[] }[], has_more: boolean, first_id: string | null, last_id: string | null }

test('an answer goes on from an earlier one, whose instructions are not carried over', async (t) => {
  const { backend, seen } = recorder({ generate: () => answer('Paris.') })
  const app = await build(t, { backends: [backend] })
  const first = (await create(app, { input: 'Capital of France?', instructions: 'Be brief.' })).json()
  const streamed = createdEvents((await create(app, { input: 'And of Spain?', previous_response_id: first.id, stream: true })).body).at(-1)!.response!
  const third = await create(app, { input: 'And of Italy?', previous_response_id: streamed['id'], instructions: 'Sing.' })
  assert.equal(third.json().previous_response_id, streamed['id'])
  assert.deepEqual(seen[2]!.messages, [
    { role: 'system', content: 'Sing.' },
    { role: 'user', content: 'Capital of France?' }, { role: 'assistant', content: 'Paris.' },
    { role: 'user', content: 'And of Spain?' }, { role: 'assistant', content: 'Paris.' },
    { role: 'user', content: 'And of Italy?' }
  ])
})

test('what a call gave is sent alone when the call is in the earlier answer', async (t) => {
  const { backend, seen } = recorder({ capabilities: able, async* generate({ messages }) {
    if (messages.at(-1)!.role === 'user') yield { type: 'tool-call', call: { id: 'call_1', name: 'weather', arguments: '{}' } }
    yield* answer('Sunny.')
  } })
  const app = await build(t, { backends: [backend] })
  const first = (await create(app, { input: 'Weather?', tools: [weather] })).json()
  const second = await create(app, { input: [{ type: 'function_call_output', call_id: 'call_1', output: 'sun' }], previous_response_id: first.id, tools: [weather] })
  assert.equal(second.statusCode, 200, second.body)
  assert.deepEqual(seen[1]!.messages.slice(-2), [
    { role: 'assistant', content: 'Sunny.', toolCalls: [{ id: 'call_1', name: 'weather', arguments: '{}' }] },
    { role: 'tool', content: 'sun', toolCallId: 'call_1' }
  ])
})

test('an unknown earlier answer is a 400 previous_response_not_found, and so is one with store: false', async (t) => {
  const app = await build(t)
  const { id } = (await create(app, { input: 'Hi', store: false })).json()
  for (const previous of [id, 'resp_none']) {
    const response = await create(app, { input: 'Go on', previous_response_id: previous })
    assert.equal(response.statusCode, 400)
    const { code, param, message } = response.json().error
    assert.deepEqual([code, param], ['previous_response_not_found', 'previous_response_id'])
    assert.match(message, /Send the whole conversation/)
  }
})

test('a reference stands for the item of a kept answer; an unknown one is a 400 that names it', async (t) => {
  const { backend, seen } = recorder({ generate: () => answer('Paris.') })
  const app = await build(t, { backends: [backend] })
  const { output: [message] } = (await create(app, { input: 'Capital?' })).json()
  await create(app, { input: [{ role: 'user', content: 'Capital?' }, { id: message.id }, { role: 'user', content: 'Sure?' }] })
  assert.deepEqual(seen[1]!.messages.map(({ role, content }) => [role, content]), [['user', 'Capital?'], ['assistant', 'Paris.'], ['user', 'Sure?']])
  const response = await create(app, { input: [{ type: 'item_reference', id: 'msg_none' }] })
  assert.equal(response.statusCode, 400)
  assert.deepEqual([response.json().error.param, /Send the item itself/.test(response.json().error.message)], ['input[0].id', true])
})

test('a kept answer can be read again until it is deleted', async (t) => {
  const app = await build(t)
  const made = (await create(app, { input: 'Hi' })).json()
  const url = `/v1/responses/${made.id}`
  assert.deepEqual((await app.inject(url)).json(), made)
  assert.equal((await app.inject(`${url}?stream=true`)).json().error.param, 'stream')
  assert.deepEqual((await app.inject({ method: 'DELETE', url })).json(), { id: made.id, object: 'response', deleted: true })
  for (const gone of [await app.inject(url), await app.inject({ method: 'DELETE', url }), await app.inject(`${url}/input_items`)]) {
    assert.equal(gone.statusCode, 404)
    assert.equal(gone.json().error.type, 'invalid_request_error')
  }
})

test('a DELETE may call itself JSON without being any, as that of the Python client', async (t) => {
  const app = await build(t)
  for (const [type, payload] of [['application/json', ''], ['application/json', '{}'], ['text/plain', 'x']] as const) {
    const { id } = (await create(app, { input: 'Hi' })).json()
    const response = await app.inject({ method: 'DELETE', url: `/v1/responses/${id}`, headers: { 'content-type': type }, payload })
    assert.equal(response.statusCode, 200, response.body)
  }
})

test('the items of a request come in pages, newest first unless asked otherwise', async (t) => {
  const app = await build(t)
  const { id } = (await create(app, { input: [{ role: 'system', content: 'one' }, { role: 'user', content: 'two' }, { role: 'user', content: 'three' }] })).json()
  const page = async (query: string) => (await app.inject(`/v1/responses/${id}/input_items?${query}`)).json<Page>()
  const texts = ({ data }: Page) => data.map(({ content }) => content?.[0]?.text)
  assert.deepEqual(texts(await page('')), ['three', 'two', 'one'])
  const first = await page('order=asc&limit=2')
  assert.deepEqual([texts(first), first.has_more, first.last_id], [['one', 'two'], true, first.data[1]!.id])
  const second = await page(`order=asc&limit=2&after=${first.last_id}`)
  assert.deepEqual([texts(second), second.has_more], [['three'], false])
  for (const [query, param] of [['limit=0', 'limit'], ['order=up', 'order'], ['after=none', 'after']]) {
    const response = await app.inject(`/v1/responses/${id}/input_items?${query}`)
    assert.deepEqual([response.statusCode, response.json().error.param], [400, param])
  }
})

test('kept answers need the token too', async (t) => {
  const app = await build(t, { env: { SWITCH_TOKEN: 'secret' } })
  for (const method of ['GET', 'DELETE'] as const) assert.equal((await app.inject({ method, url: '/v1/responses/resp_1' })).statusCode, 401)
  assert.equal((await app.inject({ url: '/v1/responses/resp_1', headers: { authorization: 'Bearer secret' } })).statusCode, 404)
})
