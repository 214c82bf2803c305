// What the unmodified OpenAI client makes of errors, retries and cut streams.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import OpenAI, { APIError, AuthenticationError, BadRequestError, InternalServerError, NotFoundError, RateLimitError } from 'openai'
import type { ChatCompletionMessageParam } from 'openai/resources/chat/completions'
import { BackendError } from '../../../src/inference/failure.ts'
import { answer, fakeBackend } from '../../support/backends.ts'
import { listening } from '../../support/http.ts'
import { build, until } from '../../support/service.ts'
import { able } from './support.ts'

const messages: ChatCompletionMessageParam[] = [{ role: 'user', content: 'What is the capital of France?' }]
const chat = { model: 'default', messages, temperature: 0, max_tokens: 24 }

function clientAt(url: string, options: object = {}): OpenAI {
  return new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', ...options })
}

/** A client of an app over fake backends. */
async function clientOf(t: TestContext, ...[options]: [Parameters<typeof build>[1]?]): Promise<OpenAI> {
  return clientAt(await listening(await build(t, options)))
}

/** What the call fails with; counts how often the client asked. */
async function failureOf(client: OpenAI, call: (client: OpenAI) => Promise<unknown>): Promise<{ error: APIError, requests: number }> {
  let requests = 0
  const counting = client.withOptions({ fetch: (...args: Parameters<typeof fetch>) => { requests++; return fetch(...args) } })
  const error = await call(counting).then(() => assert.fail('it did not fail'), (thrown: APIError) => thrown)
  assert.ok(error instanceof APIError, String(error))
  return { error, requests }
}

test('embeddings arrive as numbers, whatever form the client asks for', async (t) => {
  const client = await clientOf(t, { backends: [fakeBackend({ embed: async () => ({ model: 'tiny-embed', vectors: [[0.5, -1.25]], promptTokens: 1 }) })] })
  for (const more of [{}, { encoding_format: 'float' as const }]) {
    assert.deepEqual((await client.embeddings.create({ model: 'default', input: 'Hello', ...more })).data[0]!.embedding, [0.5, -1.25])
  }
})

test('completions go on from a text', async (t) => {
  const client = await clientOf(t, { backends: [fakeBackend({ capabilities: able, generate: () => answer(' there was') })] })
  assert.equal((await client.completions.create({ model: 'default', prompt: 'Once' })).choices[0]!.text, ' there was')
  let text = ''
  for await (const { choices } of await client.completions.create({ model: 'default', prompt: 'Once', stream: true })) text += choices[0]?.text ?? ''
  assert.equal(text, ' there was')
})

test('errors have the classes of the client, and none of ours is asked for again', async (t) => {
  const failing = (reason: 'engine_died' | 'context_length_exceeded') => fakeBackend({
    // oxlint-disable-next-line require-yield
    async *generate() { throw new BackendError('hermes', reason, 'The local engine died.') }
  })
  const rows: [OpenAI, object, new (...args: never[]) => APIError, string][] = [
    [await clientOf(t), { model: 'gpt-4o' }, NotFoundError, 'model_not_found'],
    [await clientOf(t), { n: 2 }, BadRequestError, 'invalid_value'],
    [await clientOf(t, { env: { SWITCH_TOKEN: 'right' } }), {}, AuthenticationError, 'invalid_api_key'],
    [await clientOf(t, { backends: [failing('engine_died')] }), {}, InternalServerError, 'service_unavailable'],
    [await clientOf(t, { backends: [failing('engine_died')] }), { stream: true }, InternalServerError, 'service_unavailable'],
    [await clientOf(t, { backends: [failing('context_length_exceeded')] }), {}, BadRequestError, 'context_length_exceeded']
  ]
  for (const [client, body, type, code] of rows) {
    const { error, requests } = await failureOf(client, (counting) => counting.chat.completions.create({ ...chat, ...body }))
    assert.ok(error instanceof type, `${code}: ${String(error)}`)
    assert.equal(error.code, code)
    assert.ok(error.requestID)
    assert.equal(requests, 1, code)
  }
})

test('a full queue is a RateLimitError with a time', async (t) => {
  const { promise: told, resolve: tell } = Promise.withResolvers<void>()
  let started = 0
  const client = (await clientOf(t, { env: { HERMES_MAX_QUEUE: '0' }, backends: [fakeBackend({ async *generate() { started++; await told; yield* answer('Hello') } })] })).withOptions({ maxRetries: 0 })
  const first = client.chat.completions.create(chat)
  await until(() => started === 1)
  const { error } = await failureOf(client, (counting) => counting.chat.completions.create(chat))
  assert.ok(error instanceof RateLimitError)
  assert.ok(Number(error.headers!.get('retry-after')) >= 1)
  tell()
  assert.equal((await first).choices[0]!.message.content, 'Hello')
})

test('a stream that breaks off is an error for the client, never an end', async (t) => {
  const client = await clientOf(t, {
    backends: [fakeBackend({
      async *generate() {
        yield { type: 'text', text: 'Par' }
        throw new BackendError('hermes', 'engine_died', 'The local engine died.')
      }
    })]
  })
  let text = ''
  const { error } = await failureOf(client, async (counting) => {
    for await (const { choices } of await counting.chat.completions.create({ ...chat, stream: true })) text += choices[0]?.delta.content ?? ''
  })
  assert.equal(text, 'Par')
  assert.equal(error.code, 'stream_interrupted')
  await assert.rejects(client.chat.completions.stream(chat).finalChatCompletion(), APIError)
})

test('a client that leaves a stream stops the backend', async (t) => {
  const stopped = Promise.withResolvers<string>()
  const client = await clientOf(t, {
    backends: [fakeBackend({
      async *generate(_request, signal) {
        signal.addEventListener('abort', () => stopped.resolve((signal.reason as Error).name))
        yield { type: 'text', text: 'Par' }
        await stopped.promise
        throw signal.reason
      }
    })]
  })
  for await (const { choices } of await client.chat.completions.create({ ...chat, stream: true })) if (choices[0]?.delta.content) break
  assert.equal(await stopped.promise, 'CallerGone')
})
