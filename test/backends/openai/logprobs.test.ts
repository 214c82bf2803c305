import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { InferenceEvent } from '../../../src/inference/request.ts'
import { backendOver, generate } from './support.ts'

/** The events of text of an answer whose choices are `choices`. */
async function texts(t: TestContext, ...choices: object[]): Promise<InferenceEvent[]> {
  const bytes = choices.map((choice) => `data: ${JSON.stringify({ choices: [choice] })}\n\n`).join('') + 'data: [DONE]\n\n'
  const backend = await backendOver(t, (_request, response) => response.writeHead(200, { 'content-type': 'text/event-stream' }).end(bytes))
  const { events } = await generate(backend, { logprobs: 1 })
  return events.filter(({ type }) => type === 'text')
}

const entry = (token: string) => ({ token, logprob: -0.5, bytes: [...Buffer.from(token)], top_logprobs: [{ token, logprob: -0.5, bytes: null }] })
const stop = { delta: {}, finish_reason: 'stop' }

test('entries go with the text of their tokens, joined as that is', async (t) => {
  assert.deepEqual(await texts(t, { delta: { content: 'a' }, logprobs: { content: [entry('a')] } }, { delta: { content: 'b' }, logprobs: { content: [entry('b')], refusal: null } }, stop), [
    { type: 'text', text: 'ab', logprobs: [entry('a'), entry('b')] }
  ])
})

test('entries of tokens without a text of their own go with the next one', async (t) => {
  assert.deepEqual(await texts(t, { delta: { content: '' }, logprobs: { content: [entry('x')] } }, { delta: { content: '🙂' }, logprobs: { content: [entry('y')] } }, stop), [
    { type: 'text', text: '🙂', logprobs: [entry('x'), entry('y')] }
  ])
})

test('entries of thoughts and calls go with no text', async (t) => {
  const call = { index: 0, id: 'x', function: { name: 'f', arguments: '{}' } }
  assert.deepEqual(await texts(t,
    { delta: { reasoning_content: 'hm' }, logprobs: { content: [entry('hm')] } }, { delta: { tool_calls: [call] }, logprobs: { content: [entry('f')] } },
    { delta: { content: 'a' }, logprobs: { content: [entry('a')] } }, stop
  ), [{ type: 'text', text: 'a', logprobs: [entry('a')] }])
})

test('text without entries has none', async (t) => {
  assert.deepEqual(await texts(t, { delta: { content: 'a' }, logprobs: null }, { delta: { content: 'b' }, logprobs: { content: null } }, stop), [{ type: 'text', text: 'ab' }])
})

test('the lists of plain completions become entries', async (t) => {
  const logprobs = { tokens: ['a', 'b'], token_logprobs: [-1, -2], top_logprobs: [{ a: -1, c: -3 }, null], text_offset: [0, 1] }
  assert.deepEqual(await texts(t, { text: 'ab', logprobs, finish_reason: 'stop' }), [{ type: 'text', text: 'ab', logprobs: [
    { token: 'a', logprob: -1, bytes: null, top_logprobs: [{ token: 'a', logprob: -1, bytes: null }, { token: 'c', logprob: -3, bytes: null }] },
    { token: 'b', logprob: -2, bytes: null, top_logprobs: [] }
  ] }])
})
