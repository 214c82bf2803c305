// An OpenAI-compatible upstream that costs little: 64 words, prepared, at the pace that the last message set. A process of its own.
import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import { text } from 'node:stream/consumers'
import { chunk, completion, doneEvent, usageChunk, usageOf } from '../../src/drill/fake-upstream/chunks.ts'

export const words = Array.from({ length: 64 }, (_, index) => ` word${index}`)
const model = 'fast'
const opening = chunk(model, { delta: { role: 'assistant', content: '' } })
const pieces = words.map((content) => chunk(model, { delta: { content } }))
const ending = chunk(model, { finish_reason: 'stop' }) + usageChunk(model, usageOf(words.length)) + doneEvent
const whole = JSON.stringify(completion(model, words))

if (process.send) serve(process.send.bind(process))

function serve(send: (message: object) => void): void {
  let paceMs = 0
  const server = createServer(async (request, response) => {
    if (request.method !== 'POST') return void response.writeHead(404).end()
    const { stream } = JSON.parse(await text(request)) as { stream?: boolean }
    if (stream) await speak(response, paceMs)
    else response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(whole) }).end(whole)
  })
  // An idle connection that it closes just as it is used again would fail a request.
  server.keepAliveTimeout = 60_000
  process.on('message', (message: { paceMs: number }) => {
    paceMs = message.paceMs
    send({})
  })
  process.once('disconnect', () => process.exit())
  server.listen(0, '127.0.0.1', () => send({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1` }))
}

/** Each word is a write of its own, as from a model; 0: as fast as the event loop turns. */
async function speak(response: ServerResponse, paceMs: number): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write(opening)
  for (const piece of pieces) {
    await (paceMs > 0 ? sleep(paceMs) : turn())
    response.write(piece)
  }
  response.end(ending)
}
