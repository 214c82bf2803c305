import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Fault } from '../../../src/drill/fake-upstream/faults.ts'
import { CallerGone } from '../../../src/inference/failure.ts'
import type { InferenceEvent } from '../../../src/inference/request.ts'
import { until } from '../../support/service.ts'
import { failureOf, generate, hello, readAll, upstreamAndBackend } from './support.ts'

const silent: Fault[] = ['silence', 'headers-only', 'heartbeats-only', 'stall']

for (const fault of silent) {
  test(`${fault}: an abort ends the stream with its reason and closes the upstream connection`, async (t) => {
    const { upstream, backend } = await upstreamAndBackend(t)
    await upstream.setFault({ fault, words: 3 })
    const aborter = new AbortController()
    const answer = generate(backend, {}, aborter.signal)
    await until(() => upstream.requests.length === 1)
    await new Promise((resolve) => { setTimeout(resolve, 20) })
    const gone = new CallerGone()
    aborter.abort(gone)
    const { error, events } = await answer
    assert.equal(error, gone)
    assert.ok(events.every(({ type }) => type === 'text'), 'heartbeats are no events')
    await until(() => upstream.openConnections() === 0)
    assert.equal(upstream.requests[0]!.isAborted, true)
  })
}

test('a signal that is aborted already sends nothing', async (t) => {
  const { upstream, backend } = await upstreamAndBackend(t)
  const gone = new CallerGone()
  assert.equal((await generate(backend, {}, AbortSignal.abort(gone))).error, gone)
  assert.equal(upstream.requests.length, 0)
})

test('an abort before the connection stands sends nothing', async (t) => {
  const { upstream, backend } = await upstreamAndBackend(t)
  const aborter = new AbortController()
  const answer = generate(backend, {}, aborter.signal)
  aborter.abort(new CallerGone())
  assert.ok((await answer).error instanceof CallerGone)
  assert.equal((await generate(backend)).text, upstream.answer)
  assert.equal(upstream.requests.length, 1)
})

test('nothing happens before the first next', async (t) => {
  const { upstream, backend } = await upstreamAndBackend(t)
  const stream = backend.generate(hello, new AbortController().signal)
  await generate(backend)
  assert.equal(upstream.requests.length, 1)
  await readAll(stream)
  assert.equal(upstream.requests.length, 2)
})

test('leaving the stream early closes the upstream connection', async (t) => {
  const { upstream, backend } = await upstreamAndBackend(t, { upstream: { wordDelayMs: 5 } })
  for await (const event of backend.generate(hello, new AbortController().signal)) {
    if (event.type === 'text') break
  }
  await until(() => upstream.requests[0]?.isAborted && upstream.openConnections() === 0)
})

test('a finished answer leaves its connection for the next request', async (t) => {
  const { upstream, backend } = await upstreamAndBackend(t)
  for (let request = 0; request < 10; request++) assert.equal((await generate(backend)).finish, 'stop')
  // undici lets a connection rest for one turn of the event loop, so a request right behind another takes a second one.
  assert.ok(upstream.openConnections() <= 2, `${upstream.openConnections()} connections`)
  assert.ok(upstream.requests.every(({ isAborted }) => !isAborted))
})

test('many answers at once do not mix', async (t) => {
  const { upstream, backend } = await upstreamAndBackend(t, { upstream: { wordDelayMs: 1 } })
  const answers = await Promise.all(Array.from({ length: 30 }, () => generate(backend)))
  assert.ok(answers.every(({ text, finish }) => text === upstream.answer && finish === 'stop'))
})

test('text that came before the reader was ready is given in one piece; text that comes later as it comes', async (t) => {
  const { upstream, backend } = await upstreamAndBackend(t, { upstream: { wordDelayMs: 2 } })
  const { events } = await generate(backend)
  assert.ok(events.filter(({ type }) => type === 'text').length > 10, 'words arrive one by one')
  assert.equal(upstream.openConnections(), 1)
})

test('a slow reader stops the upstream, and still gets everything', async (t) => {
  const { upstream, backend } = await upstreamAndBackend(t, { upstream: { answer: 'word '.repeat(100_000).trimEnd() } })
  const stream = backend.generate(hello, new AbortController().signal)
  const first = await stream.next() as IteratorYieldResult<InferenceEvent>
  await new Promise((resolve) => { setTimeout(resolve, 100) })
  const rest = await readAll(stream)
  assert.equal((first.value.type === 'text' ? first.value.text : '') + rest.text, upstream.answer)
  assert.ok(rest.events.every((event) => event.type !== 'text' || event.text.length < 600_000), 'no unbounded piece')
  assert.equal(rest.finish, 'stop')
})

test('close fails what is under way, closes every connection, and what comes later fails too', async (t) => {
  const { upstream, backend } = await upstreamAndBackend(t)
  await upstream.setFault('stall')
  const stream = backend.generate(hello, new AbortController().signal)
  assert.equal((await stream.next()).done, false)
  const rest = readAll(stream)
  await backend.close()
  assert.equal(failureOf(await rest).reason, 'stream_cut')
  await until(() => upstream.openConnections() === 0)
  assert.equal(failureOf(await generate(backend)).reason, 'connection')
})
