// POST /v1/completions: a text that the model goes on from as it is.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answer, fakeBackend } from '../../support/backends.ts'
import { build } from '../../support/service.ts'
import { able, chunksOf, envelopeOf, recorder, saying, send } from './support.ts'

const url = '/v1/completions'

test('a whole answer is a text_completion, field by field', async (t) => {
  const { backend, seen } = recorder({ generate: () => answer(' there', ' was') })
  const app = await build(t, { backends: [backend] })
  const response = await send(app, url, { model: 'default', prompt: 'Once', max_tokens: 5, temperature: 0, stop: '.', n: 1, best_of: 1, echo: false, logprobs: null, suffix: null, user: 'u' })
  assert.equal(response.statusCode, 200, response.body)
  const { id, created, ...rest } = response.json()
  assert.match(id, /^cmpl-[0-9a-f]{32}$/)
  assert.ok(Number.isInteger(created))
  assert.deepEqual(rest, {
    object: 'text_completion', model: 'fake-model', choices: [{ text: ' there was', index: 0, logprobs: null, finish_reason: 'stop' }],
    usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5, prompt_tokens_details: { cached_tokens: 0 }, completion_tokens_details: { reasoning_tokens: 0 } }
  })
  assert.deepEqual(seen, [{ messages: [], rawPrompt: 'Once', maxTokens: 5, temperature: 0, stop: ['.'], sessionId: 'u' }])
  assert.equal(response.headers['x-switch-backend'], 'hermes')
})

test('a list of one prompt is that prompt', async (t) => {
  const { backend, seen } = recorder()
  await send(await build(t, { backends: [backend] }), url, { prompt: ['Once'] })
  assert.equal(seen[0]!.rawPrompt, 'Once')
})

test('a stream is texts, the finish, the usage where it is asked for, and [DONE]', async (t) => {
  const { backend } = recorder({ generate: saying([{ type: 'reasoning', text: 'hm' }, { type: 'text', text: ' there' }], 'length') })
  const app = await build(t, { backends: [backend] })
  const chunks = chunksOf(await send(app, url, { prompt: 'Once', stream: true, stream_options: { include_usage: true } }))
  assert.deepEqual(chunks.map(({ object, choices }) => ({ object, choices })), [
    { object: 'text_completion', choices: [{ text: ' there', index: 0, logprobs: null, finish_reason: null }] },
    { object: 'text_completion', choices: [{ text: '', index: 0, logprobs: null, finish_reason: 'length' }] },
    { object: 'text_completion', choices: [] }
  ])
  assert.deepEqual(chunks.map(({ usage }) => usage === null), [true, true, false])
})

for (const [body, param] of [
  [{ prompt: [[1, 2]] }, 'prompt'], [{ prompt: [1, 2] }, 'prompt'], [{ prompt: ['a', 'b'] }, 'prompt'], [{ prompt: '' }, 'prompt'], [{}, 'prompt'],
  [{ prompt: 'a', echo: true }, 'echo'], [{ prompt: 'a', best_of: 2 }, 'best_of'], [{ prompt: 'a', suffix: 'b' }, 'suffix'], [{ prompt: 'a', logprobs: 1 }, 'logprobs'], [{ prompt: 'a', n: 2 }, 'n']
] as [object, string][]) {
  test(`refuses ${JSON.stringify(body)} by the field ${param}`, async (t) => {
    assert.equal(envelopeOf(await send(await build(t), url, body), 400, 'invalid_value').param, param)
  })
}

test('where no backend takes a bare prompt it is refused by name', async (t) => {
  const app = await build(t, { backends: [fakeBackend({ capabilities: { ...able, rawPrompt: false } })] })
  assert.equal(envelopeOf(await send(app, url, { prompt: 'Once' }), 400, 'unsupported_parameter').param, 'prompt')
})
