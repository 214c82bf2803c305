import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SwitchStreamError, SwitchTimeoutError, createClient } from 'vx11-switch/client'
import type { Delta } from 'vx11-switch/client'
import { serving, streaming } from './support.ts'

const bytes = new TextEncoder()
const done = 'event: done\ndata: {"response":"Grüße 🙂"}\n\n'

/** What a client reads of a stream that comes in these pieces. */
async function read(pieces: Iterable<Uint8Array>): Promise<{ deltas: Delta[], response: string }> {
  const stream = createClient({ fetch: streaming(pieces) }).stream({ prompt: 'Hi' })
  const deltas: Delta[] = []
  for await (const delta of stream) deltas.push(delta)
  return { deltas, response: (await stream.result()).response }
}

function* cut(whole: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < whole.length; at += size) yield whole.subarray(at, at + size)
}

const texts = `: still here\n\nevent: delta\ndata: {"text":"Grüße"}\n\nevent: delta\ndata: {"text":\ndata: " 🙂"}\n\nevent: delta\nid: 7\nretry\ndata:{"reasoning":"a: b"}\n\nevent: later\ndata: {}\n\n${done}`
const expected = { deltas: [{ text: 'Grüße' }, { text: ' 🙂' }, { reasoning: 'a: b' }], response: 'Grüße 🙂' }

for (const [name, end] of [['LF', '\n'], ['CRLF', '\r\n'], ['CR', '\r']] as const) {
  test(`reads a stream with ${name} in pieces of every size, within characters and line ends too`, async () => {
    const whole = bytes.encode(`\uFEFF${texts.replaceAll('\n', end)}`)
    for (let size = 1; size <= whole.length; size++) assert.deepEqual(await read(cut(whole, size)), expected, `pieces of ${size} bytes`)
  })
}

test('a stream that ends without done or error is an error, with the deltas before it', async () => {
  for (const ending of ['', 'event: done\ndata: {"response":"x"}\n']) {
    const stream = createClient({ fetch: streaming([bytes.encode(`event: delta\ndata: {"text":"Hel"}\n\n${ending}`)]) }).stream({ prompt: 'Hi' })
    const deltas: Delta[] = []
    await assert.rejects(async () => {
      for await (const delta of stream) deltas.push(delta)
    }, { name: 'SwitchStreamError', code: 'SWITCH_CLIENT_STREAM_CUT', status: 503 })
    assert.deepEqual(deltas, [{ text: 'Hel' }])
    await assert.rejects(stream.result(), SwitchStreamError)
  }
})

test('a connection that breaks off in mid-answer is the same', async (t) => {
  const url = await serving(t, (_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' })
    response.write('event: delta\ndata: {"text":"Hel"}\n\n', () => response.destroy())
  })
  await assert.rejects(createClient({ url }).stream({ prompt: 'Hi' }).result(), { name: 'SwitchStreamError', code: 'SWITCH_CLIENT_STREAM_CUT' })
})

test('the error event of a stream is thrown with its body', async () => {
  const error = (code: string) => [bytes.encode(`event: error\ndata: {"error":"Too bad.","code":"${code}","request_id":"req_1"}\n\n`)]
  await assert.rejects(createClient({ fetch: streaming(error('SWITCH_STREAM_INTERRUPTED')) }).stream({ prompt: 'Hi' }).result(), { name: 'SwitchStreamError', code: 'SWITCH_STREAM_INTERRUPTED', requestId: 'req_1', message: 'Too bad.' })
  await assert.rejects(createClient({ fetch: streaming(error('SWITCH_DEADLINE_EXCEEDED')) }).stream({ prompt: 'Hi' }).result(), SwitchTimeoutError)
})

test('an event that is no JSON is not passed on', async () => {
  await assert.rejects(createClient({ fetch: streaming([bytes.encode('event: delta\ndata: {"text"\n\n')]) }).stream({ prompt: 'Hi' }).result(), { code: 'SWITCH_CLIENT_NOT_SWITCH' })
})

test('a stream that falls silent ends with the time', async (t) => {
  const url = await serving(t, (_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' })
    response.write('event: delta\ndata: {"text":"Hel"}\n\n')
  })
  await assert.rejects(createClient({ url, timeoutMs: 100 }).stream({ prompt: 'Hi' }).result(), { name: 'SwitchTimeoutError', code: 'SWITCH_CLIENT_TIMEOUT' })
})

test('what happens after done is of no interest', async () => {
  assert.equal((await read([bytes.encode(`${done}event: error\ndata: {`)])).response, 'Grüße 🙂')
})
