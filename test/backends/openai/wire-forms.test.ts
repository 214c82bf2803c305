// What servers other than OpenAI send: each case is a body as it stands on the wire.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { until } from '../../support/service.ts'
import { apiKey, backendAt, backendOver, failureOf, generate } from './support.ts'
import type { ReadAnswer } from './support.ts'

/** Reads the answer of a server that sends `body`. */
async function reading(t: TestContext, body: string | object[], type = 'text/event-stream', status = 200, headers = {}): Promise<ReadAnswer> {
  const bytes = typeof body === 'string' ? body : body.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('') + 'data: [DONE]\n\n'
  return generate(await backendOver(t, (_request, response) => response.writeHead(status, { 'content-type': type, ...headers }).end(bytes)))
}

const delta = (fields: object, finish_reason: unknown = null) => ({ choices: [{ index: 0, delta: fields, finish_reason }] })
const stop = delta({}, 'stop')

test('reasoning is read from both of its names, apart from the text', async (t) => {
  const { reasoning, text } = await reading(t, [delta({ reasoning_content: 'a', content: null }), delta({ reasoning: 'b' }), delta({ content: 'c' }), stop])
  assert.equal(reasoning, 'ab')
  assert.equal(text, 'c')
})

test('choices that are empty, null or absent, and an empty finish_reason, change nothing', async (t) => {
  const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 }
  const answer = await reading(t, [{ choices: [] }, { choices: null }, {}, delta({ content: 'a', role: null, tool_calls: null }, ''), delta({ content: 'b' }, ''), stop, { choices: null, usage }])
  assert.equal(answer.text, 'ab')
  assert.deepEqual(answer.usage, usage)
})

test('the last usage counts', async (t) => {
  const counts = (completion_tokens: number) => ({ prompt_tokens: 1, completion_tokens, total_tokens: 1 + completion_tokens })
  const { usage } = await reading(t, [{ ...delta({ content: 'a' }), usage: counts(1) }, { ...stop, usage: counts(2) }, { choices: [], usage: counts(3) }])
  assert.deepEqual(usage, counts(3))
})

test('cached and reasoning tokens are told where the server tells them', async (t) => {
  const counts = { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 }
  const details = { prompt_tokens_details: { cached_tokens: 4 }, completion_tokens_details: { reasoning_tokens: 1 } }
  const given = { ...counts, prompt_tokens_details: { cached_tokens: 4, audio_tokens: 0 }, completion_tokens_details: { reasoning_tokens: 1, audio_tokens: 0 } }
  assert.deepEqual((await reading(t, [delta({ content: 'a' }), stop, { choices: [], usage: given }])).usage, { ...counts, ...details })
  const odd = { ...counts, prompt_tokens_details: null, completion_tokens_details: { reasoning_tokens: 'many' } }
  assert.deepEqual((await reading(t, [delta({ content: 'a' }), stop, { choices: [], usage: odd }])).usage, counts)
})

test('lines may end in CR, start with a BOM, lack the space and the last empty line', async (t) => {
  const answer = await reading(t, `\uFEFF: hello\rdata:${JSON.stringify(delta({ content: 'a' }))}\r\r\n\ndata:${JSON.stringify(stop)}`)
  assert.equal(answer.text, 'a')
  assert.equal(answer.finish, 'stop')
})

for (const [said, finish] of [['length', 'length'], ['max_tokens', 'length'], ['tool_calls', 'stop'], ['end_turn', 'stop'], ['constructor', 'stop']]) {
  test(`finish_reason ${said} with text is ${finish}`, async (t) => {
    assert.equal((await reading(t, [delta({ content: 'a' }, said)])).finish, finish)
  })
}

test('a refusal of the model is its text', async (t) => {
  assert.equal((await reading(t, [delta({ refusal: 'I cannot.' }), stop])).text, 'I cannot.')
})

test('a stream that ends with [DONE] but no finish is cut', async (t) => {
  assert.equal(failureOf(await reading(t, [delta({ content: 'a' })])).reason, 'stream_cut')
})

const call = (fields: object) => delta({ tool_calls: [fields] })

test('function calls: no index, no id, arguments as an object, no finish_reason', async (t) => {
  const { calls, finish } = await reading(t, [
    call({ id: 'x', function: { name: 'f', arguments: '{"a":' } }), call({ function: { arguments: '1}' } }),
    call({ id: 'y', function: { name: 'g', arguments: { b: 2 } } })
  ])
  assert.deepEqual(calls, [{ id: 'x', name: 'f', arguments: '{"a":1}' }, { id: 'y', name: 'g', arguments: '{"b":2}' }])
  assert.equal(finish, 'tool_calls')
})

test('function calls: repeated names and ids, interleaved indexes, no arguments, an invented id', async (t) => {
  const { calls } = await reading(t, [
    call({ index: 0, id: 'x', function: { name: 'f', arguments: '' } }), call({ index: 1, function: { name: 'g', arguments: '{}' } }),
    call({ index: 0, id: '', function: { name: '', arguments: '{}' } }), call({ index: 1, function: { name: 'g', arguments: '{"a":1}' } }),
    call({ index: 2, id: 'z', function: { name: 'h' } }), delta({}, 'stop')
  ])
  assert.deepEqual(calls.map(({ name, arguments: text }) => [name, text]), [['f', '{}'], ['g', '{"a":1}'], ['h', '{}']])
  assert.match(calls[1]!.id, /^call_./)
})

test('a call without a name is no answer', async (t) => {
  assert.equal(failureOf(await reading(t, [call({ index: 0, function: { arguments: '{}' } }), delta({}, 'tool_calls')])).reason, 'protocol')
})

const errorEvents: [body: string, reason: string][] = [
  ['data: {"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error","n_prompt_tokens":9,"n_ctx":8}}', 'context_length_exceeded'],
  ['data: {"error":"something broke"}', 'server_error'],
  ['data: {"object":"error","message":"slow down","type":"rate_limit_error"}', 'rate_limited'],
  ['data: {"error_type":"x","error_message":"y"}', 'server_error'],
  ['event: error\ndata: {"message":"Unloaded","code":"model_not_found"}', 'model_not_found'],
  ['event: error\ndata: boom', 'server_error'],
  ['data: {"error":{"code":402,"message":"no credit"}}', 'quota_exhausted'],
  ['data: {"error":{"message":"Provider returned error","code":502}}', 'server_error'],
  ['data: {"error":{"message":"bad","type":"invalid_request_error"}}', 'rejected'],
  ['data: {"choices":[{"delta":{},"finish_reason":"error"}]}', 'server_error']
]

for (const [body, reason] of errorEvents) {
  test(`an error in the stream is ${reason}: ${body.replace('\n', ' ').slice(0, 60)}`, async (t) => {
    const answer = await reading(t, `data: ${JSON.stringify(delta({ content: 'a' }))}\n\n${body}\n\n`)
    assert.equal(failureOf(answer).reason, reason)
    assert.equal(answer.text, 'a')
  })
}

const errorReplies: [status: number, body: string, reason: string, message: RegExp][] = [
  [400, '{"error":{"message":"This model\'s maximum context length is 4096 tokens. However, you requested 5000 tokens","type":"BadRequestError","param":null,"code":400}}', 'context_length_exceeded', /4096/],
  [400, '{"error":{"code":400,"message":"request exceeds","type":"exceed_context_size_error","n_prompt_tokens":5000,"n_ctx":4096}}', 'context_length_exceeded', /exceeds/],
  [413, 'Payload too large', 'context_length_exceeded', /Payload/],
  [400, '{"error":{"message":"x","code":"content_policy_violation"}}', 'content_filtered', /x/],
  [400, '{"error":{"message":"x","innererror":{"code":"ResponsibleAIPolicyViolation"}}}', 'content_filtered', /x/],
  [429, '{"error":{"message":"x","type":"insufficient_quota","code":"credit_balance_exhausted"}}', 'quota_exhausted', /x/],
  [429, '{"error":{"message":"x","type":"rate_limit_error","code":"slow_down"}}', 'rate_limited', /x/],
  [404, '{"error":"model \'x\' not found"}', 'model_not_found', /not found/],
  [404, '<html>Not found</html>', 'model_not_found', /answered 404\.$/],
  [422, '{"detail":[{"loc":["body"],"msg":"field required"}]}', 'rejected', /field required/],
  [418, 'short and stout', 'rejected', /short and stout/],
  [500, '', 'server_error', /answered 500\.$/],
  [520, 'x', 'server_error', /520/],
  [400, `{"error":{"message":"key ${apiKey} is odd,\\nand so is this"}}`, 'rejected', /key \[key\] is odd, and so is this\.$/],
  [400, JSON.stringify({ error: { message: 'long '.repeat(1000) } }), 'rejected', /long/],
  [400, 'x'.repeat(1_000_000), 'rejected', /xxx/]
]

for (const [status, body, reason, message] of errorReplies) {
  test(`${status} is ${reason}: ${body.slice(0, 60)}`, async (t) => {
    const error = failureOf(await reading(t, body, 'application/json', status))
    assert.equal(error.reason, reason)
    assert.equal(error.status, status)
    assert.match(error.message, message)
  })
}

const waits: [headers: Record<string, string>, seconds: number | undefined][] = [
  [{ 'retry-after': '20' }, 20],
  [{ 'retry-after-ms': '1500', 'retry-after': '20' }, 1.5],
  [{ 'retry-after': 'Sun, 22 Nov 2026 12:00:30 GMT', 'date': 'Sun, 22 Nov 2026 12:00:00 GMT' }, 30],
  [{ 'retry-after': 'Sun, 22 Nov 2026 11:00:00 GMT', 'date': 'Sun, 22 Nov 2026 12:00:00 GMT' }, 0],
  [{ 'retry-after': 'soon' }, undefined],
  [{ 'retry-after': '-1', 'date': 'Sun, 22 Nov 2026 12:00:00 GMT' }, 0]
]

for (const [headers, seconds] of waits) {
  test(`${JSON.stringify(headers)} means ${seconds} seconds`, async (t) => {
    assert.equal(failureOf(await reading(t, '{}', 'application/json', 429, headers)).retryAfterSeconds, seconds)
  })
}

test('an error status is told even when its body never ends', async (t) => {
  const backend = await backendOver(t, (_request, response) => { response.writeHead(503, { 'content-type': 'text/plain' }).write('busy') })
  const error = failureOf(await generate(backend))
  assert.equal(error.reason, 'server_error')
  assert.match(error.message, /busy/)
})

test('a whole completion may have reasoning, calls, empty lines before it, and an error in it', async (t) => {
  const message = { role: 'assistant', content: 'b', reasoning_content: 'a', tool_calls: [{ id: 'x', type: 'function', function: { name: 'f', arguments: '{}' } }] }
  const whole = { choices: [{ index: 0, message, finish_reason: 'tool_calls' }], usage: { prompt_tokens: 1, completion_tokens: 2 } }
  const answer = await reading(t, `\n\n\n${JSON.stringify(whole)}`, 'application/json; charset=utf-8')
  assert.deepEqual(answer.events, [
    { type: 'reasoning', text: 'a' }, { type: 'text', text: 'b' }, { type: 'tool-call', call: { id: 'x', name: 'f', arguments: '{}' } },
    { type: 'usage', usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } }, { type: 'finish', reason: 'tool_calls' }
  ])
})

for (const [body, reason] of [['[]', 'protocol'], ['{"choices"', 'protocol'], ['{"object":"list"}', 'protocol'], ['{"choices":[{"message":{"content":""},"finish_reason":"stop"}]}', 'empty_answer']] as const) {
  test(`JSON that is no completion is ${reason}: ${body}`, async (t) => {
    assert.equal(failureOf(await reading(t, body, 'application/json')).reason, reason)
  })
}

test('a tool call without end is protocol, not memory', async (t) => {
  const piece = `data: ${JSON.stringify(call({ index: 0, function: { name: 'f', arguments: 'x'.repeat(50_000) } }))}\n\n`
  const backend = await backendOver(t, (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const more = () => { while (response.write(piece) && !response.destroyed) continue }
    response.on('drain', more)
    more()
  })
  assert.equal(failureOf(await generate(backend)).reason, 'protocol')
})

for (const [title, breakOff, reason] of [
  ['with no byte of the body is connection', (socket) => socket.destroy(), 'connection'],
  ['behind a heartbeat is stream_cut', (socket) => socket.end('9\r\n: hello\n\n\r\n'), 'stream_cut'],
  ['in a body that is not chunked as it says is protocol', (socket) => socket.end('zzz\r\n'), 'protocol']
] as [string, (socket: Socket) => void, string][]) {
  test(`a connection that breaks after the headers ${title}`, async (t) => {
    const backend = await backendOver(t, ({ socket }, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
      setImmediate(() => breakOff(socket))
    })
    assert.equal(failureOf(await generate(backend)).reason, reason)
  })
}

test('a server that speaks no TLS is connection', async (t) => {
  const server = createServer((_request, response) => response.end())
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  assert.equal(failureOf(await generate(backendAt(t, `https://127.0.0.1:${port}/v1`))).reason, 'connection')
})

test('[DONE] finishes at once, though the connection stays open, and that is closed soon', async (t) => {
  let isClosed = false
  const backend = await backendOver(t, (_request, response) => {
    response.once('close', () => { isClosed = true })
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(`data: ${JSON.stringify(delta({ content: 'a' }, 'stop'))}\n\ndata: [DONE]\n\n`)
  })
  assert.equal((await generate(backend)).finish, 'stop')
  assert.equal(isClosed, false, 'it finished before the connection was given up')
  await until(() => isClosed)
})
