import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Batcher } from '../../../src/backends/llama-cpp/engine/batching/batcher.ts'
import { startEngineInside } from '../../../src/backends/llama-cpp/engine-inside.ts'
import { GuessCost } from '../../../src/backends/llama-cpp/engine/decoding/guess-cost.ts'
import { ask, localBackend, never, read } from '../../support/engine.ts'

const prompts = [
  ask('Count from 1 to 90.', { maxTokens: 400 }),
  ask('Repeat after me: "the red house and the red tree and the red car and the red house"'),
  ask('Tell me a story about a dragon.', { maxTokens: 200 }),
  ask('Repeat after me: "{\\"name\\": \\"Ana\\", \\"age\\": 3}, {\\"name\\": \\"Ben\\", \\"age\\": 4}"'),
  ask('Count from 1 to 90.', { prefill: '1, 2, 3, 4, 5, ', maxTokens: 100 }),
  ask('Count from 1 to 90.', { stop: ['37'] })
]

/** Guesses whatever it costs, so that they happen on any machine. */
function guessAlways(t: { mock: { method: typeof import('node:test').mock.method } }): void {
  t.mock.method(GuessCost.prototype, 'of', () => 0)
}

test('guessed answers are the same to the letter, and many of their tokens were guessed', async (t) => {
  const plain = localBackend(t, { start: startEngineInside })
  const guessing = localBackend(t, { start: startEngineInside, settings: { isSpeculative: true } })
  const expected = []
  for (const prompt of prompts) expected.push(await read(plain.generate(prompt, never)))
  guessAlways(t)
  const steps = t.mock.method(Batcher.prototype, 'sampleEach')
  for (const [index, prompt] of prompts.entries()) {
    const { text, usage, finish } = await read(guessing.generate(prompt, never))
    assert.deepEqual([text, usage!.completion_tokens, finish], [expected[index]!.text, expected[index]!.usage!.completion_tokens, expected[index]!.finish])
  }
  assert.ok(steps.mock.callCount() > 20, `${steps.mock.callCount()} steps had guesses`)
})

test('what the slot holds after guesses is what was said: the next turn gets the same answer as on a cold engine', async (t) => {
  guessAlways(t)
  const guessing = localBackend(t, { settings: { isSpeculative: true }, start: startEngineInside })
  const first = ask('Count from 1 to 40.')
  const { text } = await read(guessing.generate(first, never))
  const next = ask('', { messages: [...first.messages, { role: 'assistant', content: text }, { role: 'user', content: 'What is the capital of Spain?' }] })
  const warm = await read(guessing.generate(next, never))
  assert.ok(warm.usage!.prompt_tokens_details!.cached_tokens > 100)
  assert.equal(warm.text, (await read(localBackend(t).generate(next, never))).text)
})

test('nothing is guessed beside another generation', async (t) => {
  guessAlways(t)
  const backend = localBackend(t, { start: startEngineInside, settings: { isSpeculative: true, slots: 2 } })
  const steps = t.mock.method(Batcher.prototype, 'sampleEach')
  // Equal prompts begin and end together.
  await Promise.all([1, 2].map(() => read(backend.generate(ask('Count from 1 to 60.'), never))))
  assert.ok(steps.mock.callCount() <= 1, `${steps.mock.callCount()} steps had guesses`)
})

test('a seed means the same text with guesses switched on', async (t) => {
  const request = ask('Tell me a story about a dragon.', { temperature: 1, seed: 7, maxTokens: 150 })
  const texts = []
  for (const isSpeculative of [false, true]) texts.push((await read(localBackend(t, { settings: { isSpeculative } }).generate(request, never))).text)
  assert.equal(texts[0], texts[1])
})

test('sampled answers differ although their guesses are right', async (t) => {
  guessAlways(t)
  const backend = localBackend(t, { settings: { isSpeculative: true } })
  const texts = new Set<string>()
  for (let round = 0; round < 4; round++) texts.add((await read(backend.generate(ask('Tell me a story about a dragon.', { temperature: 2, topP: 1, maxTokens: 60 }), never))).text)
  assert.ok(texts.size > 1)
})

test('the context is filled to its end with guesses on, as without', async (t) => {
  guessAlways(t)
  const request = ask('Count from 1 to 90.')
  const ends = []
  for (const isSpeculative of [false, true]) {
    const { text, usage, finish } = await read(localBackend(t, { settings: { isSpeculative, contextLength: 96 }, start: startEngineInside }).generate(request, never))
    ends.push([text, usage!.total_tokens, finish])
  }
  assert.deepEqual(ends[1], ends[0])
  assert.deepEqual(ends[0]!.slice(1), [96, 'length'])
})
