// Status and headers decide how a body is read.
import type { IncomingHttpHeaders } from 'node:http'
import { Answer } from './answer.ts'
import type { BodyReader } from './body-reader.ts'
import { ErrorReader } from './error-reader.ts'
import type { EventQueue } from './event-queue.ts'
import type { Failures } from './failures.ts'
import { StreamReader } from './stream-reader.ts'
import { WholeReader } from './whole-reader.ts'

/** @throws BackendError protocol when no answer can follow */
export function chooseReader(status: number, headers: IncomingHttpHeaders, failures: Failures, events: EventQueue): BodyReader {
  if (status >= 400) return new ErrorReader(failures, status, headers)
  // A redirect could carry the prompt and the key to anybody.
  if (status >= 300) throw failures.of('protocol', `answered with a redirect (${status}). Set its base_url to where it really is.`, { status })
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') throw failures.of('protocol', 'sent a compressed answer, which was not asked for.')
  const type = String(headers['content-type'] ?? 'text/event-stream').split(';', 1)[0]!.trim().toLowerCase()
  if (type === 'text/event-stream') return new StreamReader(failures, new Answer(failures, events))
  if (type === 'application/json') return new WholeReader(failures, new Answer(failures, events))
  throw failures.of('protocol', `sent ${type.slice(0, 100)} instead of an answer. Check its base_url.`)
}
