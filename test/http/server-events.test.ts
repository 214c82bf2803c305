// Reading a stream of events back, however its bytes are cut.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readServerEvents } from '../../src/http/server-events.ts'
import type { ReceivedEvent } from '../../src/http/server-events.ts'

const delta = (text: string) => `event: delta\ndata: ${JSON.stringify({ text })}\n\n`

/** The events of `body`, sent in pieces of `size` bytes. */
async function read(body: string, size = 1024): Promise<ReceivedEvent[]> {
  const events: ReceivedEvent[] = []
  for await (const event of readServerEvents(ReadableStream.from(cut(new TextEncoder().encode(body), size)))) events.push(event)
  return events
}

function* cut(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

test('events come with their name and their parsed data, in order', async () => {
  assert.deepEqual(await read(`${delta('a')}event: done\ndata: {"response":"a"}\n\n`), [{ event: 'delta', data: { text: 'a' } }, { event: 'done', data: { response: 'a' } }])
})

test('an event without a name is a message', async () => {
  assert.deepEqual(await read('data: 1\n\n'), [{ event: 'message', data: 1 }])
})

test('comments are left out', async () => {
  assert.deepEqual(await read(`: still here\n\n${delta('a')}: still here\n\n`), [{ event: 'delta', data: { text: 'a' } }])
})

test('a space after the colon is optional, and only one is taken away', async () => {
  assert.deepEqual(await read('event:delta\ndata:{"text":" a"}\n\n'), [{ event: 'delta', data: { text: ' a' } }])
})

test('line breaks and colons in a text come back as they were', async () => {
  const texts = ['a\n\nb', '\r\ndata: x', 'event: done']
  assert.deepEqual((await read(texts.map(delta).join(''))).map(({ data }) => data), texts.map((text) => ({ text })))
})

for (const size of [1, 2, 3, 7]) {
  test(`pieces of ${size} bytes, cut within characters and line ends, give the same events`, async () => {
    const body = `${delta('Grüße')}: still here\n\n${delta('世界 👋')}event: done\ndata: {}\n\n`
    assert.deepEqual(await read(body, size), await read(body))
    assert.equal((await read(body, size)).length, 3)
  })
}

test('an event that was cut off is not told', async () => {
  assert.deepEqual(await read(`${delta('a')}event: done\ndata: {"resp`), [{ event: 'delta', data: { text: 'a' } }])
})

test('U+2028 and U+2029 in a text come through', async () => {
  assert.deepEqual(await read(delta('a\u2028b\u2029')), [{ event: 'delta', data: { text: 'a\u2028b\u2029' } }])
})
