// Faults in the middle of a stream or at its end.
import { chunk, completion, dataEvent, doneEvent, errorBody, usageChunk, usageOf } from './chunks.ts'
import { holdOpen } from './connection-faults.ts'
import type { FaultEntry } from './fault.ts'
import type { Reply } from './reply.ts'

const serverError = errorBody('The server had an error while processing your request.', 'server_error')

/** The good answer up to its last word. */
async function words(reply: Reply): Promise<void> {
  reply.open()
  await reply.sayAll()
}

/** The good answer up to where the fault happens. */
async function firstWords(reply: Reply): Promise<void> {
  reply.open()
  await reply.say(0, reply.before)
}

/** The good answer, with `text` put in where a fault happens. */
function interruptedBy(text: string): FaultEntry['reply'] {
  return async (reply) => {
    await firstWords(reply)
    await reply.write(text)
    await reply.say(reply.before, reply.words.length)
    reply.finish()
  }
}

/** The good answer with another end, sent in one piece. */
function endingWith(end: (reply: Reply) => string): FaultEntry['reply'] {
  return async (reply) => {
    await words(reply)
    reply.response.end(end(reply))
  }
}

const stop = (reply: Reply) => chunk(reply.model, { finish_reason: 'stop' })
const usage = (reply: Reply) => usageChunk(reply.model, usageOf(reply.words.length))

async function heartbeats(reply: Reply): Promise<void> {
  reply.response.writeHead(200, { 'content-type': 'text/event-stream' })
  while (!reply.isGone) {
    reply.response.write(': keep-alive\n\n')
    await reply.pause(20)
  }
}

/** 16 MB on one line. */
async function giantEvent(reply: Reply): Promise<void> {
  await firstWords(reply)
  await reply.write('data: {"choices":[{"delta":{"content":"')
  const piece = 'x'.repeat(64 * 1024)
  for (let piecesLeft = 256; piecesLeft > 0 && !reply.isGone; piecesLeft--) await reply.write(piece)
  await holdOpen(reply)
}

/** Every byte a write of its own; lines end in CR LF, so that those are split too. */
async function splitBytes(reply: Reply): Promise<void> {
  reply.socket.setNoDelay(true)
  reply.response.writeHead(200, { 'content-type': 'text/event-stream' })
  const events = reply.words.map((content) => chunk(reply.model, { delta: { content } })).join('') + stop(reply) + usage(reply) + doneEvent
  for (const byte of Buffer.from(events.replaceAll('\n', '\r\n'))) {
    if (reply.isGone) return
    await reply.write(Buffer.of(byte))
  }
  reply.response.end()
}

export const streamFaults = {
  'none': { description: 'answers well, word by word', reply: (reply) => reply.answer() },
  'slow-first-token': { description: 'sends headers, then waits before the first word', reply: async (reply) => { reply.open(); await reply.pause(reply.delayMs); await reply.sayAll(); reply.finish() } },
  'headers-only': { description: 'sends headers and no token', reply: async (reply) => { reply.response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders(); await holdOpen(reply) } },
  'heartbeats-only': { description: 'sends comments for ever and no token', reply: heartbeats },
  'stall': { description: 'falls silent after some words', reply: async (reply) => { await firstWords(reply); await holdOpen(reply) } },
  'cut': { description: 'closes the connection after some words', reply: async (reply) => { await firstWords(reply); reply.socket.destroy() } },
  'no-finish': { description: 'ends the stream after some words without a finish', reply: async (reply) => { await firstWords(reply); reply.response.end() } },
  'malformed-event': { description: 'sends one event that is no JSON in mid-stream', reply: interruptedBy('data: {"choices":[{"del\n\n') },
  'error-event': { description: 'reports an error in mid-stream', reply: async (reply) => { await firstWords(reply); reply.response.end(dataEvent(serverError)) } },
  'giant-event': { description: 'sends many megabytes without a line end', reply: giantEvent },
  'split-bytes': { description: 'sends a good answer byte by byte', reply: splitBytes },
  'no-done': { description: 'sends a good answer, no [DONE], and keeps the connection open', reply: async (reply) => { await words(reply); await reply.write(stop(reply) + usage(reply)); await holdOpen(reply) } },
  'no-usage': { description: 'sends a finish and nothing after it, and keeps the connection open', reply: async (reply) => { await words(reply); await reply.write(stop(reply)); await holdOpen(reply) } },
  'duplicate-done': { description: 'sends [DONE] twice', reply: endingWith((reply) => stop(reply) + usage(reply) + doneEvent + doneEvent) },
  'late-usage': { description: 'sends the usage after [DONE]', reply: endingWith((reply) => stop(reply) + doneEvent + usage(reply)) },
  'absurd-usage': { description: 'sends token counts that cannot be true', reply: endingWith((reply) => stop(reply) + usageChunk(reply.model, { prompt_tokens: -5, completion_tokens: 1e15, total_tokens: 0.5 }) + doneEvent) },
  'content-filter-finish': { description: 'stops after some words with finish_reason content_filter', reply: async (reply) => { await firstWords(reply); reply.finish('content_filter') } },
  'empty-answer': { description: 'finishes without any text', reply: (reply) => { reply.open(); reply.finish() } },
  'whole-json': { description: 'ignores stream and answers with one JSON object', reply: (reply) => reply.json(200, completion(reply.model, reply.words)) },
  'error-in-200': { description: 'answers 200 with an error in its JSON body', reply: (reply) => reply.json(200, serverError) }
} satisfies Record<string, FaultEntry>
