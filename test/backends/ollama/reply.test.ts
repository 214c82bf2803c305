import assert from 'node:assert/strict'
import { test } from 'node:test'
import { contextExceeded, delta, done, fakeOllama } from '../../support/fake-ollama.ts'
import { backendAt, collect, converse, failure, hi, never } from './ollama.ts'

const usage = { type: 'usage', usage: { prompt_tokens: 11, completion_tokens: 2, total_tokens: 13 } }
const stop = { type: 'finish', reason: 'stop' }

test('gives the text as it comes, then usage and finish', async (t) => {
  const { events } = await converse(t, await fakeOllama(t), { lines: [delta({ content: 'Hel' }), delta({ content: 'lo' }), done()] })
  assert.deepEqual(events, [{ type: 'text', text: 'Hel' }, { type: 'text', text: 'lo' }, usage, stop])
})

test('appends text, thinking and calls of the last line', async (t) => {
  const { events } = await converse(t, await fakeOllama(t), { lines: [delta({ content: 'a' }), done({ thinking: 'hm', content: 'b', tool_calls: [{ id: 'x', name: 'f' }] })] })
  assert.deepEqual(events, [
    { type: 'text', text: 'a' }, { type: 'reasoning', text: 'hm' }, { type: 'text', text: 'b' },
    { type: 'tool-call', call: { id: 'x', name: 'f', arguments: '{}' } }, usage, { type: 'finish', reason: 'tool_calls' }
  ])
})

test('gives thinking as reasoning', async (t) => {
  const { events } = await converse(t, await fakeOllama(t), { lines: [delta({ thinking: 'Well' }), delta({ content: 'Yes' }), done()] })
  assert.deepEqual(events.slice(0, 2), [{ type: 'reasoning', text: 'Well' }, { type: 'text', text: 'Yes' }])
})

test('gives log probabilities with their text, and nothing of them left out', async (t) => {
  const lines = [delta({ content: 'a', logprobs: [{ token: 'a', logprob: -1, top_logprobs: [{ token: 'b', logprob: -2, bytes: [98] }] }] }), delta({ content: 'c', logprobs: [{ token: 'c', logprob: 0, bytes: [99] }] }), done()]
  const { events } = await converse(t, await fakeOllama(t), { lines })
  assert.deepEqual(events.slice(0, 2), [
    { type: 'text', text: 'a', logprobs: [{ token: 'a', logprob: -1, bytes: null, top_logprobs: [{ token: 'b', logprob: -2, bytes: [98] }] }] },
    { type: 'text', text: 'c', logprobs: [{ token: 'c', logprob: 0, bytes: [99], top_logprobs: [] }] }
  ])
})

test('gives one call where more are not wanted', async (t) => {
  const ollama = await fakeOllama(t)
  const lines = [delta({ tool_calls: [{ id: 'x', name: 'f' }, { id: 'y', name: 'g' }] }), done({ tool_calls: [{ id: 'z', name: 'h' }] })]
  ollama.script.push({ lines })
  const { events } = await collect(backendAt(t, ollama.url).generate({ ...hi, parallelToolCalls: false }, never))
  assert.deepEqual(events, [{ type: 'tool-call', call: { id: 'x', name: 'f', arguments: '{}' } }, usage, { type: 'finish', reason: 'tool_calls' }])
})

test('an answer of thinking alone is an answer', async (t) => {
  const { events, error } = await converse(t, await fakeOllama(t), { lines: [delta({ thinking: 'Well' }), done({ reason: 'length' })] })
  assert.equal(error, undefined)
  assert.deepEqual(events.at(-1), { type: 'finish', reason: 'length' })
})

test('collects the calls of every line, with arguments as JSON text and its own ids where there are none', async (t) => {
  const lines = [delta({ tool_calls: [{ id: 'call_1', name: 'weather', arguments: { city: 'Köln', days: [1, 2] } }] }), delta({ tool_calls: [{ name: 'time' }, { name: 'time' }] }), done()]
  const { events } = await converse(t, await fakeOllama(t), { lines })
  const calls = events.flatMap((event) => event.type === 'tool-call' ? event.call : [])
  assert.deepEqual(calls[0], { id: 'call_1', name: 'weather', arguments: '{"city":"Köln","days":[1,2]}' })
  assert.deepEqual(calls.slice(1).map(({ name, arguments: given }) => ({ name, given })), [{ name: 'time', given: '{}' }, { name: 'time', given: '{}' }])
  assert.match(calls[1]!.id, /^call_\w{32}$/)
  assert.notEqual(calls[1]!.id, calls[2]!.id)
  assert.deepEqual(events.at(-1), { type: 'finish', reason: 'tool_calls' })
})

test('collects calls that all come with the last line, as llama-server gives them', async (t) => {
  const { events } = await converse(t, await fakeOllama(t), { lines: [done({ tool_calls: [{ id: 'abc', name: 'f', arguments: { a: 1 } }, { id: 'def', name: 'g' }] })] })
  assert.deepEqual(events.slice(0, 2), [{ type: 'tool-call', call: { id: 'abc', name: 'f', arguments: '{"a":1}' } }, { type: 'tool-call', call: { id: 'def', name: 'g', arguments: '{}' } }])
  assert.deepEqual(events.at(-1), { type: 'finish', reason: 'tool_calls' })
})

test('says length when a limit ended the answer', async (t) => {
  const { events } = await converse(t, await fakeOllama(t), { lines: [done({ content: 'a', reason: 'length' })] })
  assert.deepEqual(events.at(-1), { type: 'finish', reason: 'length' })
})

test('leaves usage out when a count is unknown', async (t) => {
  const ollama = await fakeOllama(t)
  for (const counts of [{ prompt: 0 }, { completion: 0 }]) {
    const { events } = await converse(t, ollama, { lines: [done({ content: 'a', ...counts })] })
    assert.deepEqual(events, [{ type: 'text', text: 'a' }, stop])
  }
})

test('reads lines however the network cuts them, also inside a character, and a last one without an end', async (t) => {
  const ollama = await fakeOllama(t)
  for (const pieceBytes of [1, 2, 3, 7]) {
    const { events } = await converse(t, ollama, { lines: [delta({ content: 'Grüße 🙂' }), done({ content: '漢字' })], pieceBytes, isUnterminated: true })
    assert.deepEqual(events, [{ type: 'text', text: 'Grüße 🙂' }, { type: 'text', text: '漢字' }, usage, stop])
  }
})

test('ends at the last line, without waiting for a connection that stays open', async (t) => {
  const ollama = await fakeOllama(t)
  const { events } = await converse(t, ollama, { lines: [done({ content: 'a' })], ending: 'stall' })
  assert.deepEqual(events.at(-1), stop)
})

test('skips one malformed line, and refuses a second', async (t) => {
  const ollama = await fakeOllama(t)
  const { events } = await converse(t, ollama, { lines: ['{"message":{"content":"x"', delta({ content: 'a' }), '', done()] })
  assert.deepEqual(events, [{ type: 'text', text: 'a' }, usage, stop])
  await failure(t, ollama, { lines: ['oops', delta({ content: 'a' }), '[1]', done()] }, 'protocol')
})

test('a page of HTML is no answer', async (t) => {
  const ollama = await fakeOllama(t)
  await failure(t, ollama, { body: '<html><body>Sign in</body></html>' }, 'protocol')
  await failure(t, ollama, { body: '<html>\n<body>\nSign in</body></html>' }, 'protocol')
})

test('a line without end is refused at 8 MB', async (t) => {
  await failure(t, await fakeOllama(t), { lines: ['x'.repeat(8 * 1024 * 1024 + 1)], isUnterminated: true, ending: 'stall' }, 'protocol')
})

test('an end without the last line is a cut, never an answer', async (t) => {
  const ollama = await fakeOllama(t)
  await failure(t, ollama, { lines: [delta({ content: 'la' }), delta({ content: 'la' })] }, 'stream_cut')
  await failure(t, ollama, { lines: [] }, 'stream_cut')
})

test('a connection that breaks in the answer is a cut, after the text so far', async (t) => {
  const { events, error } = await converse(t, await fakeOllama(t), { lines: [delta({ content: 'la' })], ending: 'cut' })
  assert.deepEqual(events, [{ type: 'text', text: 'la' }])
  assert.equal(error?.reason, 'stream_cut')
})

test('an error line ends the answer', async (t) => {
  const ollama = await fakeOllama(t)
  const { events, error } = await converse(t, ollama, { lines: [delta({ content: 'la' }), { error: 'an error was encountered while running the model: /root/secret' }] })
  assert.deepEqual(events, [{ type: 'text', text: 'la' }])
  assert.equal(error?.reason, 'server_error')
  assert.doesNotMatch(error.message, /secret/)
  assert.match(String(error.cause), /secret/)
})

test('an error line before any text says what went wrong', async (t) => {
  const ollama = await fakeOllama(t)
  await failure(t, ollama, { lines: [{ error: 'CUDA error: out of memory' }] }, 'out_of_memory')
  await failure(t, ollama, { lines: [{ error: contextExceeded(9412, 2048).error }] }, 'context_length_exceeded')
  await failure(t, ollama, { lines: [{ error: 'boom' }] }, 'server_error')
})

test('a last line without a reason that ends answers is refused', async (t) => {
  const ollama = await fakeOllama(t)
  for (const reason of ['load', 'unload', 'surprise', '']) await failure(t, ollama, { lines: [done({ content: 'a', reason })] }, 'protocol')
})

test('an answer of nothing is a failure', async (t) => {
  await failure(t, await fakeOllama(t), { lines: [delta({ content: '' }), done()] }, 'empty_answer')
})
