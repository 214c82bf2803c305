// Reads the service's events over fetch: an EventSource could not carry the token in a header.
import { EventParser } from '../../../client/event-parser.js'

export type NamedEvent = { readonly event: string, readonly data: unknown }

/** The service wants a token, or another one. */
export class TokenNeeded extends Error {}

/** The service answered, but not with events. */
export class StreamRefused extends Error {}

/** Longer silence means that the connection is dead: the service speaks every second. */
const longestSilenceMs = 8000

/**
 * Events until the stream ends.
 * @throws TokenNeeded, StreamRefused, or what fetch throws
 */
export async function* readEvents(path: string, token: string | undefined): AsyncGenerator<NamedEvent, void> {
  const silence = new AbortController()
  let timer = setTimeout(() => silence.abort(), longestSilenceMs)
  try {
    const reply = await fetch(path, { headers: token === undefined ? {} : { 'X-VX11-Token': token }, signal: silence.signal, cache: 'no-store' })
    if (reply.status === 401) throw new TokenNeeded()
    if (!reply.ok || reply.body === null) throw new StreamRefused(await sentenceOf(reply))
    const parser = new EventParser()
    const decoder = new TextDecoder()
    const reader = reply.body.getReader()
    for (let step = await reader.read(); !step.done; step = await reader.read()) {
      clearTimeout(timer)
      timer = setTimeout(() => silence.abort(), longestSilenceMs)
      for (const { event, data } of parser.push(decoder.decode(step.value, { stream: true }))) yield { event, data: JSON.parse(data) as unknown }
    }
  } finally {
    clearTimeout(timer)
    silence.abort()
  }
}

async function sentenceOf(reply: Response): Promise<string> {
  const body = await reply.json().catch(() => undefined) as { error?: string } | undefined
  return body?.error ?? `The service answered with status ${reply.status}.`
}
