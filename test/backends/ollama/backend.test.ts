import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { BackendError } from '../../../src/inference/failure.ts'
import { delta, fakeOllama } from '../../support/fake-ollama.ts'
import { backendAt, collect, hi, never, until } from './ollama.ts'

test('says who it is', (t) => {
  const backend = backendAt(t, 'http://127.0.0.1:11434')
  assert.deepEqual([backend.name, backend.kind, backend.source, backend.framework, backend.isLocal], ['ollama', 'ollama', 'ollama', 'ollama', true])
  assert.deepEqual(backend.capabilities, { contextLength: 2048, tools: true, jsonSchema: true, prefill: false, vision: false, logprobs: true, rawPrompt: true })
  assert.equal(backendAt(t, 'http://ollama:11434', { source: 'local_hermes' }).source, 'local_hermes')
  assert.equal(backendAt(t, 'https://ollama.example.com').isLocal, false)
})

test('refuses models of Ollama’s cloud: prompts are to stay local', (t) => {
  for (const model of ['gpt-oss:cloud', 'gpt-oss:120b-cloud', 'ns/gpt-oss:CLOUD']) assert.throws(() => backendAt(t, 'http://ollama:11434', { model }), /Set a model without the cloud suffix/)
  for (const model of ['cloud', 'my-cloud', 'my-cloud:7b', 'host:5000/my-cloud']) assert.doesNotThrow(() => backendAt(t, 'http://ollama:11434', { model }), model)
})

test('refuses a base URL that is none', (t) => {
  for (const baseUrl of ['', 'localhost:11434', 'ftp://ollama', '127.0.0.1:11434']) assert.throws(() => backendAt(t, baseUrl), /must be an http or https address/)
})

test('takes 0.0.0.0, Ollama’s own way to say everywhere, for this machine', async (t) => {
  const ollama = await fakeOllama(t)
  const { error } = await collect(backendAt(t, ollama.url.replace('127.0.0.1', '0.0.0.0')).generate(hi, never))
  assert.equal(error, undefined)
})

test('keeps a path before /api', async (t) => {
  const paths: string[] = []
  const server = createServer((request, response) => {
    paths.push(request.url!)
    response.end('{"version":"0.33.0"}')
  }).listen(0, '127.0.0.1')
  t.after(() => server.close())
  await once(server, 'listening')
  await backendAt(t, `http://127.0.0.1:${(server.address() as AddressInfo).port}/llm/`).probe(never)
  assert.deepEqual(paths, ['/llm/api/version'])
})

test('probes without spending a token', async (t) => {
  const ollama = await fakeOllama(t)
  await backendAt(t, ollama.url).probe(never)
  assert.deepEqual(ollama.paths, ['GET /api/version'])
})

test('a probe of a server that is away says so', async (t) => {
  const ollama = await fakeOllama(t)
  const backend = backendAt(t, ollama.url)
  await ollama.stop()
  await assert.rejects(backend.probe(never), (error) => error instanceof BackendError && error.reason === 'connection')
})

test('asks nothing before the first event is wanted', async (t) => {
  const ollama = await fakeOllama(t)
  backendAt(t, ollama.url).generate(hi, never)
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(ollama.openConnections, 0)
})

test('an abort in mid-answer closes the connection and throws its reason', async (t) => {
  const ollama = await fakeOllama(t)
  ollama.script.push({ lines: [delta({ content: 'a' })], ending: 'stall' })
  const controller = new AbortController()
  const stream = backendAt(t, ollama.url).generate(hi, controller.signal)
  assert.deepEqual((await stream.next()).value, { type: 'text', text: 'a' })
  const next = stream.next()
  const reason = new Error('enough')
  controller.abort(reason)
  await assert.rejects(next, reason)
  await until(() => ollama.openConnections === 0, 'the connection closes')
})

test('an abort closes the connection also while nobody waits for an event', async (t) => {
  const ollama = await fakeOllama(t)
  ollama.script.push({ lines: [delta({ content: 'a' }), delta({ content: 'b' })], ending: 'stall' })
  const controller = new AbortController()
  const stream = backendAt(t, ollama.url).generate(hi, controller.signal)
  await stream.next()
  const reason = new Error('enough')
  controller.abort(reason)
  await until(() => ollama.openConnections === 0, 'the connection closes')
  await assert.rejects(stream.next(), reason)
})

test('an abort before the headers, as while a prompt is evaluated, closes the connection', async (t) => {
  let connections = 0
  const server = createServer(() => undefined).listen(0, '127.0.0.1')
  server.on('connection', (socket) => {
    connections++
    socket.once('close', () => connections--)
  })
  t.after(() => server.close())
  await once(server, 'listening')
  const controller = new AbortController()
  const next = backendAt(t, `http://127.0.0.1:${(server.address() as AddressInfo).port}`).generate(hi, controller.signal).next()
  await once(server, 'request')
  const reason = new Error('enough')
  controller.abort(reason)
  await assert.rejects(next, reason)
  await until(() => connections === 0, 'the connection closes')
})

test('an abort before the connection is made does not wait for it', async (t) => {
  const ollama = await fakeOllama(t)
  const controller = new AbortController()
  const next = backendAt(t, ollama.url).generate(hi, controller.signal).next()
  const reason = new Error('enough')
  controller.abort(reason)
  await assert.rejects(next, reason)
  assert.equal(ollama.chats.length, 0)
})

test('a signal that has already aborted reaches nobody', async (t) => {
  const ollama = await fakeOllama(t)
  const reason = new Error('enough')
  await assert.rejects(backendAt(t, ollama.url).generate(hi, AbortSignal.abort(reason)).next(), reason)
  assert.equal(ollama.openConnections, 0)
})

test('a stream that is left early closes its connection', async (t) => {
  const ollama = await fakeOllama(t)
  ollama.script.push({ lines: [delta({ content: 'a' })], ending: 'stall' })
  for await (const event of backendAt(t, ollama.url).generate(hi, never)) {
    assert.deepEqual(event, { type: 'text', text: 'a' })
    break
  }
  await until(() => ollama.openConnections === 0, 'the connection closes')
})

test('answers side by side', async (t) => {
  const ollama = await fakeOllama(t)
  const backend = backendAt(t, ollama.url, { maxConcurrent: 3 })
  ollama.script.push({ lines: [delta({ content: 'a' })], ending: 'stall' })
  const silent = backend.generate(hi, never)
  await silent.next()
  const others = await Promise.all([collect(backend.generate(hi, never)), collect(backend.generate(hi, never))])
  assert.deepEqual(others.map(({ error }) => error), [undefined, undefined])
  await silent.return()
})

test('closing fails what is under way and leaves no connection', async (t) => {
  const ollama = await fakeOllama(t)
  ollama.script.push({ lines: [delta({ content: 'a' })], ending: 'stall' })
  const backend = backendAt(t, ollama.url)
  const stream = backend.generate(hi, never)
  await stream.next()
  const next = stream.next()
  await Promise.all([assert.rejects(next, (error) => error instanceof BackendError && error.reason === 'stream_cut'), backend.close()])
  assert.equal(backend.state().status, 'failed')
  await until(() => ollama.openConnections === 0, 'the connection closes')
})
