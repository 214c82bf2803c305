import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wireMessages } from '../../../src/backends/openai/messages.ts'
import { generate, upstreamAndBackend } from './support.ts'

test('calls and their results go out in OpenAI\'s form', () => {
  const call = { id: 'call_1', name: 'weather', arguments: '{"city":"Köln"}' }
  const wireCall = { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Köln"}' } }
  assert.deepEqual(wireMessages([
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Weather?' },
    { role: 'assistant', content: '', toolCalls: [call] },
    { role: 'tool', content: '12 °C', toolCallId: 'call_1' },
    { role: 'assistant', content: 'Let me see.', toolCalls: [call, { ...call, id: 'call_2' }] }
  ]), [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Weather?' },
    { role: 'assistant', content: null, tool_calls: [wireCall] },
    { role: 'tool', content: '12 °C', tool_call_id: 'call_1' },
    { role: 'assistant', content: 'Let me see.', tool_calls: [wireCall, { ...wireCall, id: 'call_2' }] }
  ])
})

test('an assistant without calls has no list of them, which servers would refuse when empty', () => {
  assert.deepEqual(wireMessages([{ role: 'assistant', content: '', toolCalls: [] }]), [{ role: 'assistant', content: '' }])
})

test('pictures keep their place among the texts, their address and their detail', async (t) => {
  const { upstream, backend } = await upstreamAndBackend(t)
  const content = [
    { type: 'text', text: 'Compare' }, { type: 'image', url: 'https://example.com/a.png', detail: 'low' }, { type: 'image', url: 'data:image/png;base64,AAAA' }
  ] as const
  await generate(backend, { messages: [{ role: 'user', content }] })
  assert.deepEqual(upstream.requests[0]!.body['messages'], [{ role: 'user', content: [
    { type: 'text', text: 'Compare' }, { type: 'image_url', image_url: { url: 'https://example.com/a.png', detail: 'low' } }, { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }
  ] }])
})
