// A raw prompt over POST /completions.
import assert from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { backendOver, failureOf, generate } from './support.ts'

type Posted = { path: string | undefined, body: unknown }

/** Answers every request with `chunks` and remembers what came. */
function streaming(posted: Posted[], ...chunks: object[]): RequestListener {
  return async (request, response) => {
    posted.push({ path: request.url, body: JSON.parse(await text(request)) })
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('') + 'data: [DONE]\n\n')
  }
}

const piece = (fields: object, finish_reason: string | null = null) => ({ object: 'text_completion', choices: [{ index: 0, finish_reason, logprobs: null, ...fields }] })

test('text is gone on from as it is: no messages, no tools, the old name of max_tokens', async (t) => {
  const posted: Posted[] = []
  const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 }
  const backend = await backendOver(t, streaming(posted, piece({ text: ' upon' }), piece({ text: ' a time' }), piece({ text: '' }, 'length'), { choices: [], usage }))
  const answer = await generate(backend, { messages: [], rawPrompt: 'Once', maxTokens: 2, temperature: 0, stop: ['.'], seed: 1, frequencyPenalty: 1, logprobs: 1 })
  assert.deepEqual([answer.text, answer.finish, answer.usage], [' upon a time', 'length', usage])
  assert.deepEqual(posted, [{ path: '/v1/completions', body: {
    model: 'gpt-6-luna', prompt: 'Once', stream: true, stream_options: { include_usage: true }, max_tokens: 2, temperature: 0, stop: ['.'], seed: 1, frequency_penalty: 1, logprobs: 1
  } }])
})

test('an empty prompt is one', async (t) => {
  const posted: Posted[] = []
  assert.equal((await generate(await backendOver(t, streaming(posted, piece({ text: 'a' }, 'stop'))), { messages: [], rawPrompt: '' })).text, 'a')
  assert.equal(posted[0]!.path, '/v1/completions')
})

test('a server without that route says nothing of the model, and what to do is told', async (t) => {
  const backend = await backendOver(t, (_request, response) => response.writeHead(404).end('{"error":{"message":"Not found"}}'))
  const { reason, message } = failureOf(await generate(backend, { messages: [], rawPrompt: 'Once' }))
  assert.deepEqual([reason, message], ['rejected', 'openai answered 404: Not found. Set its completions to false when it has no such route.'])
})
