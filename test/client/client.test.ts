import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SwitchBusyError, SwitchConnectionError, SwitchRequestError, SwitchTimeoutError, SwitchUnavailableError, createClient } from 'vx11-switch/client'
import { answer, fakeBackend, silence } from '../support/backends.ts'
import { listening } from '../support/http.ts'
import { build, listen, ready } from '../support/service.ts'
import { replying, serving } from './support.ts'

test('against the service with the embedded model', async (t) => {
  const { url } = await listen(t, { SWITCH_TOKEN: 'secret' })
  await ready(url)
  const client = createClient({ url, token: 'secret' })

  await t.test('infer gives the whole answer', async () => {
    const { response, source, degraded, attempts } = await client.infer({ prompt: 'What is the capital of France?', temperature: 0 })
    assert.deepEqual([response, source, degraded, attempts.length], ['The capital of France is Paris.', 'local_hermes', false, 1])
  })

  await t.test('stream gives the deltas, then the whole', async () => {
    const stream = client.stream({ prompt: 'Count from 1 to 90.', temperature: 0 })
    const texts: string[] = []
    for await (const delta of stream) if ('text' in delta) texts.push(delta.text)
    // The first token goes at once; how many pieces follow depends on the machine.
    assert.equal(texts[0], '1')
    assert.ok(texts.length > 1)
    assert.equal((await stream.result()).response, texts.join(''))
    assert.equal(texts.join(''), Array.from({ length: 90 }, (_, index) => index + 1).join(', '))
  })

  await t.test('result alone reads the stream', async () => {
    assert.equal((await client.stream({ prompt: 'What is the capital of France?', temperature: 0 }).result()).response, 'The capital of France is Paris.')
  })

  await t.test('a stream that is left early frees the model', async () => {
    const stream = client.stream({ prompt: 'Count from 1 to 90.' })
    for await (const _delta of stream) break // oxlint-disable-line no-underscore-dangle
    await assert.rejects(stream.result(), { code: 'SWITCH_CLIENT_STREAM_LEFT' })
    assert.equal((await client.infer({ prompt: 'What is the capital of France?', temperature: 0 })).finish_reason, 'stop')
  })

  await t.test('health', async () => {
    const health = await client.health()
    assert.deepEqual([health.status, health.model], ['ok', 'switch-tiny'])
  })

  await t.test('inferWithFallback gives the answer as it is', async () => {
    const { response, source, degraded } = await client.inferWithFallback({ prompt: 'What is the capital of France?', temperature: 0 })
    assert.deepEqual([response, source, degraded], ['The capital of France is Paris.', 'local_hermes', false])
  })

  await t.test('a wrong token and a wrong field are the request\'s fault', async () => {
    await assert.rejects(createClient({ url, token: 'wrong' }).infer({ prompt: 'Hi' }), (error: SwitchRequestError) => {
      assert.ok(error instanceof SwitchRequestError)
      return error.status === 401 && error.code === 'SWITCH_AUTH_REQUIRED' && error.name === 'SwitchRequestError'
    })
    await assert.rejects(client.inferWithFallback({ prompt: 'Hi', max_tokens: 0 }), (error: SwitchRequestError) => {
      assert.deepEqual(error.details.map(({ path }) => path), ['max_tokens'])
      assert.match(error.requestId!, /^req_/)
      return error.status === 400 && error.code === 'SWITCH_REQUEST_INVALID'
    })
  })
})

test('the service learns how long the caller waits', async (t) => {
  const app = await build(t, { backends: [fakeBackend({ generate: (_request, signal) => silence(signal) })] })
  const url = await listening(app)
  const client = createClient({ url, timeoutMs: 150 })
  const timedOut = (error: unknown) => error instanceof SwitchTimeoutError && error.status === 503 && error.code === 'SWITCH_DEADLINE_EXCEEDED' && error.body?.source === 'degraded_fallback'
  await assert.rejects(client.infer({ prompt: 'Hi' }), timedOut)
  await assert.rejects(client.stream({ prompt: 'Hi' }).result(), timedOut)
  await assert.rejects(createClient({ url }).infer({ prompt: 'Hi' }, { timeoutMs: 150 }), timedOut)
  assert.deepEqual(await client.inferWithFallback('Hi'), { response: '[Timeout] Model taking too long. Try again or use CLI.', source: 'degraded_fallback', degraded: true })
})

test('a server that says nothing is left after the time and a little more', async (t) => {
  const url = await serving(t, () => undefined)
  const client = createClient({ url, timeoutMs: 100 })
  await assert.rejects(client.infer({ prompt: 'Hi' }), (error: SwitchTimeoutError) => error instanceof SwitchTimeoutError && error.code === 'SWITCH_CLIENT_TIMEOUT')
  assert.equal((await client.inferWithFallback('Hi')).source, 'degraded_fallback')
})

test('503 is thrown with its body and the time to come back', async () => {
  const body = { error: 'The model is loading.', code: 'SWITCH_ROUTE_UNAVAILABLE', request_id: 'req_1', model: 'hermes-3b-q4', source: 'degraded', attempts: [] }
  const client = createClient({ fetch: replying(503, body, { 'Retry-After': '7' }) })
  await assert.rejects(client.inferWithFallback('Hi'), (error: SwitchUnavailableError) => {
    assert.ok(error instanceof SwitchUnavailableError)
    assert.deepEqual([error.status, error.code, error.requestId, error.retryAfterMs], [503, 'SWITCH_ROUTE_UNAVAILABLE', 'req_1', 7000])
    assert.deepEqual(error.body, body)
    return error.message === 'Hermes model unavailable. The model is loading.'
  })
})

test('a full queue is an error of its own', async () => {
  const client = createClient({ fetch: replying(429, { error: 'Full.', code: 'SWITCH_QUEUE_FULL', request_id: 'req_1' }, { 'Retry-After': '3' }) })
  await assert.rejects(client.inferWithFallback('Hi'), (error: SwitchBusyError) => error instanceof SwitchBusyError && error.retryAfterMs === 3000)
})

test('a connection that is closed without a word is Switch unavailable', async (t) => {
  const url = await serving(t, (_request, response) => void response.destroy())
  await assert.rejects(createClient({ url }).infer({ prompt: 'Hi' }), SwitchConnectionError)
  await assert.rejects(createClient({ url }).inferWithFallback('Hi'), (error: SwitchUnavailableError) => error instanceof SwitchUnavailableError && error.status === 503)
})

test('the page of a proxy is no answer', async () => {
  await assert.rejects(createClient({ fetch: replying(502, '<html>') }).infer({ prompt: 'Hi' }), SwitchUnavailableError)
  for (const call of ['infer', 'health'] as const) await assert.rejects(createClient({ fetch: replying(200, '<html>') })[call]({ prompt: 'Hi' } as never), { code: 'SWITCH_CLIENT_NOT_SWITCH' })
  await assert.rejects(createClient({ fetch: replying(200, {}) }).stream({ prompt: 'Hi' }).result(), { code: 'SWITCH_CLIENT_NOT_SWITCH', name: 'SwitchStreamError' })
})

test('health that is degraded is an answer', async (t) => {
  const app = await build(t, { backends: [fakeBackend({ state: { status: 'failed', reason: 'no model', model: 'none' }, generate: () => answer('Hi') })] })
  const health = await createClient({ url: await listening(app) }).health()
  assert.equal(health.status, 'degraded')
})

test('the signal of the caller ends a call with its own reason', async (t) => {
  const gone = Promise.withResolvers<void>()
  const url = await serving(t, (request) => {
    request.once('close', () => gone.resolve())
    controller.abort(new Error('enough'))
  })
  const controller = new AbortController()
  await assert.rejects(createClient({ url }).infer({ prompt: 'Hi' }, { signal: controller.signal }), { message: 'enough' })
  await gone.promise
})

test('options that cannot be meant are refused at once', () => {
  assert.throws(() => createClient({ url: 'nowhere' }), /url must be an address such as http/)
  for (const timeoutMs of [0, NaN, 3_600_001]) assert.throws(() => createClient({ timeoutMs }), /timeoutMs must be a number from 100 to 3600000, in milliseconds/)
})

test('a path in the address is kept, and the token is sent', async () => {
  const seen: [string, string | undefined][] = []
  const client = createClient({
    url: 'http://gateway/vx11', token: 'secret',
    fetch: async (address, init) => {
      seen.push([String(address), (init!.headers as Record<string, string>)['X-VX11-Token']])
      return Response.json({ status: 'ok' })
    }
  })
  await client.health()
  await client.infer({ prompt: 'Hi' })
  assert.deepEqual(seen, [['http://gateway/vx11/switch/health', 'secret'], ['http://gateway/vx11/switch/infer', 'secret']])
})
