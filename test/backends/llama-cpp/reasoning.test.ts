import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { InferenceRequest } from '../../../src/inference/request.ts'
import { ask, localBackend, never } from '../../support/engine.ts'
import { modelWithTemplate, thinkingTemplate } from '../../support/template-model.ts'
import { readWhole } from '../../support/whole-answer.ts'

const question = 'What is the capital of France?'

/** An answer of the embedded model, told by its template that it can think. */
function answer(t: TestContext, fields: Partial<InferenceRequest>, opening = ''): ReturnType<typeof readWhole> {
  const backend = localBackend(t, { settings: { modelPath: modelWithTemplate(t, thinkingTemplate(opening)) } })
  return readWhole(backend.generate(ask(question, fields), never))
}

test('an answer without a thought is text, and says that nothing was thought', async (t) => {
  const { text, reasoning, usage } = await answer(t, {})
  assert.deepEqual([text, reasoning, usage!.completion_tokens_details], ['The capital of France is Paris.', '', { reasoning_tokens: 0 }])
})

test('with thinking on there are thoughts first, apart from the text, and no mark in either', async (t) => {
  const { text, reasoning, usage, finish } = await answer(t, { thinking: true })
  assert.ok(reasoning.length > 0 && text.length > 0, `${reasoning} | ${text}`)
  assert.doesNotMatch(reasoning + text, /think>/)
  const { completion_tokens, completion_tokens_details } = usage!
  assert.ok(completion_tokens_details!.reasoning_tokens > 0 && completion_tokens_details!.reasoning_tokens < completion_tokens)
  assert.equal(finish, 'stop')
})

test('a model whose template begins each answer with a thought thinks unless told otherwise', async (t) => {
  assert.ok((await answer(t, {}, '<think>\\n')).reasoning.length > 0)
  for (const off of [{ thinking: false }, { reasoningEffort: 'none' }] as const) {
    const { reasoning, usage } = await answer(t, { ...off, maxTokens: 10 }, '<think>\\n')
    assert.deepEqual([reasoning, usage!.completion_tokens_details], ['', { reasoning_tokens: 0 }])
  }
})

test('an effort bounds the share of the thoughts', async (t) => {
  const tokens = []
  for (const reasoningEffort of ['low', 'medium', undefined] as const) {
    const { usage, text } = await answer(t, { thinking: true, maxTokens: 16, ...reasoningEffort && { reasoningEffort } })
    tokens.push(usage!.completion_tokens_details!.reasoning_tokens)
    if (reasoningEffort === 'low') assert.ok(text.length > 0)
  }
  // The mark that ends the thought is one too, and comes on top.
  assert.ok(tokens[0]! <= 4 + 8 && tokens[0]! < tokens[1]! && tokens[1]! < tokens[2]!, tokens.join())
})

test('an answer in JSON, or calls, come after the thoughts', async (t) => {
  const json = await answer(t, { reasoningEffort: 'high', maxTokens: 100, responseFormat: { type: 'json_object' } })
  assert.ok(json.reasoning.length > 0)
  assert.equal(typeof JSON.parse(json.text), 'object')
  const called = await answer(t, { reasoningEffort: 'high', maxTokens: 100, toolChoice: 'required', parallelToolCalls: false, tools: [{ type: 'function', function: { name: 'now' } }] })
  assert.ok(called.reasoning.length > 0)
  assert.deepEqual([called.text, called.calls.map(({ name }) => name), called.finish], ['', ['now'], 'tool_calls'])
})

test('an answer in JSON is not thought about unasked', async (t) => {
  const { text, reasoning } = await answer(t, { responseFormat: { type: 'json_object' } })
  assert.equal(reasoning, '')
  assert.equal(typeof JSON.parse(text), 'object')
})

test('an answer is continued behind its thoughts, and in the middle of one', async (t) => {
  assert.equal((await answer(t, { prefill: 'The capital' })).text, ' of France is Paris.')
  assert.equal((await answer(t, { prefill: '<think>\nA capital.\n</think>\n\nThe capital' })).text, ' of France is Paris.')
  const { usage } = await answer(t, { prefill: '<think>\nThe', maxTokens: 30 })
  assert.ok(usage!.completion_tokens_details!.reasoning_tokens > 0)
})
