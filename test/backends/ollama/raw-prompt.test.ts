// A raw prompt over POST /api/generate.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { contextExceeded, fakeOllama, piece } from '../../support/fake-ollama.ts'
import { backendAt, collect, never } from './ollama.ts'

const raw = { messages: [], stop: ['.'], rawPrompt: 'Once' }

test('text is gone on from as it is, with everything that decides how the model is loaded', async (t) => {
  const ollama = await fakeOllama(t)
  const { events } = await collect(backendAt(t, ollama.url).generate({ ...raw, maxTokens: 5, seed: 1 }, never))
  assert.deepEqual(events, [
    { type: 'text', text: 'Hel' }, { type: 'text', text: 'lo' },
    { type: 'usage', usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } }, { type: 'finish', reason: 'stop' }
  ])
  assert.deepEqual(ollama.generations, [{
    model: 'hermes3:3b', prompt: 'Once', raw: true, stream: true, truncate: false, shift: false, think: false, keep_alive: -1,
    options: { num_ctx: 2048, num_predict: 5, temperature: 0.7, seed: 1, stop: ['.'] }
  }])
  assert.equal(ollama.chats.length, 0)
})

test('thoughts stand apart from the text', async (t) => {
  const ollama = await fakeOllama(t)
  ollama.script.push({ lines: [{ ...piece(''), thinking: 'hm' }, piece('a', { done: true, done_reason: 'length' })] })
  const { events } = await collect(backendAt(t, ollama.url).generate(raw, never))
  assert.deepEqual(events, [{ type: 'reasoning', text: 'hm' }, { type: 'text', text: 'a' }, { type: 'finish', reason: 'length' }])
})

test('fails as a chat does', async (t) => {
  const ollama = await fakeOllama(t)
  for (const [chat, reason] of [[contextExceeded(9412, 2048), 'context_length_exceeded'], [{ lines: [piece('a')] }, 'stream_cut'], [{ lines: [{ error: 'CUDA error: out of memory' }] }, 'out_of_memory']] as const) {
    ollama.script.push(chat)
    assert.equal((await collect(backendAt(t, ollama.url).generate(raw, never))).error?.reason, reason)
  }
})
