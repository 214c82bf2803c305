import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { Message } from '../../../src/inference/request.ts'
import { fakeOllama } from '../../support/fake-ollama.ts'
import { backendAt, collect, never } from './ollama.ts'

/** The messages that Ollama gets for `messages`. */
async function sent(t: TestContext, messages: readonly Message[]): Promise<unknown> {
  const ollama = await fakeOllama(t)
  const { error } = await collect(backendAt(t, ollama.url).generate({ messages, stop: [] }, never))
  assert.equal(error, undefined)
  return ollama.chats[0]!['messages']
}

/** Why `messages` were refused, without asking Ollama. */
async function refusal(t: TestContext, messages: readonly Message[]): Promise<string> {
  const ollama = await fakeOllama(t)
  const { error } = await collect(backendAt(t, ollama.url).generate({ messages, stop: [] }, never))
  assert.equal(error?.reason, 'rejected')
  assert.equal(ollama.chats.length, 0)
  return error.message
}

test('calls carry their arguments as objects, and results the name of their function', async (t) => {
  const toolCalls = [{ id: 'c1', name: 'weather', arguments: '{"city":"Köln"}' }, { id: 'c2', name: 'time', arguments: '{}' }]
  assert.deepEqual(await sent(t, [
    { role: 'user', content: 'Weather and time?' },
    { role: 'assistant', content: '', toolCalls },
    { role: 'tool', content: '12 °C', toolCallId: 'c1' },
    { role: 'tool', content: '12:00', toolCallId: 'c2' },
    { role: 'tool', content: '?', toolCallId: 'unknown' }
  ]), [
    { role: 'user', content: 'Weather and time?' },
    { role: 'assistant', content: '', tool_calls: [{ id: 'c1', function: { index: 0, name: 'weather', arguments: { city: 'Köln' } } }, { id: 'c2', function: { index: 1, name: 'time', arguments: {} } }] },
    { role: 'tool', content: '12 °C', tool_name: 'weather', tool_call_id: 'c1' },
    { role: 'tool', content: '12:00', tool_name: 'time', tool_call_id: 'c2' },
    { role: 'tool', content: '?', tool_call_id: 'unknown' }
  ])
})

test('an assistant with an empty list of calls has none', async (t) => {
  assert.deepEqual(await sent(t, [{ role: 'assistant', content: 'a', toolCalls: [] }, { role: 'user', content: 'b' }]), [{ role: 'assistant', content: 'a' }, { role: 'user', content: 'b' }])
})

test('pictures stand beside the text, without the head of their URL', async (t) => {
  const content = [{ type: 'text', text: 'Compare' }, { type: 'image', url: 'data:image/png;base64,AAAA' }, { type: 'text', text: 'these.' }, { type: 'image', url: 'data:image/svg+xml;charset=utf-8;base64,BBBB', detail: 'high' }] as const
  assert.deepEqual(await sent(t, [{ role: 'user', content }]), [{ role: 'user', content: 'Compare\nthese.', images: ['AAAA', 'BBBB'] }])
  assert.deepEqual(await sent(t, [{ role: 'user', content: content.slice(0, 1) }]), [{ role: 'user', content: 'Compare' }])
})

for (const url of ['https://example.com/a.png', 'data:image/png,AAAA', 'data:image/png;base64,', 'data:']) {
  test(`a picture at ${url} is refused with what to do`, async (t) => {
    assert.match(await refusal(t, [{ role: 'user', content: [{ type: 'image', url }] }]), /data: URLs in base64\. Send the picture itself/)
  })
}

for (const text of ['{"city":', '[1]', 'null', '"x"']) {
  test(`a call with the arguments ${text} is refused by its id`, async (t) => {
    assert.match(await refusal(t, [{ role: 'assistant', content: '', toolCalls: [{ id: 'c1', name: 'f', arguments: text }] }, { role: 'user', content: 'Hi' }]), /the call c1 of f are no JSON object/)
  })
}
