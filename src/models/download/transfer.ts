// Brings the missing bytes of a part here: all spans at once, each going on by itself after a cut.
import { linkSignals } from '../../inference/linked-signal.ts'
import type { PartFile } from './part-file.ts'
import { refuseUnlessGiven } from './refusal.ts'
import { received } from './remote.ts'
import type { Remote, RemoteAnswer } from './remote.ts'
import { damaged, versionOf, wholeLength } from './remote-file.ts'
import type { RemoteFile } from './remote-file.ts'
import { RemoteChanged, RetryLater, retrying } from './retry-later.ts'
import type { Retrying } from './retry-later.ts'
import type { DownloadSource } from './source.ts'
import type { Span } from './span.ts'

export type Transfer = {
  readonly source: DownloadSource
  readonly file: RemoteFile
  readonly part: PartFile
  readonly remote: Remote
  /** Called after each piece. */
  readonly onBytes: () => void
  readonly retry: Retrying
}

/**
 * Fills the part. What has come stays in it, whatever happens.
 * @throws RemoteChanged; RetryLater when it was tried too often; SwitchError; the signal's reason
 */
export async function transfer(given: Transfer): Promise<void> {
  const failure = new AbortController()
  const { signal, unlink } = linkSignals([given.retry.signal, failure.signal])
  const fill = async (span: Span) => {
    try {
      await retrying(() => fetchRest(span, given, signal), { ...given.retry, signal }, () => span.next)
    } catch (error) {
      failure.abort(error)
      throw error
    }
  }
  try {
    // Settled, not all: nobody writes any more when this returns.
    await Promise.allSettled(given.part.spans.filter(({ next, end }) => next < end).map(fill))
    signal.throwIfAborted()
  } finally {
    unlink()
  }
}

async function fetchRest(span: Span, { source, file, part, remote, onBytes }: Transfer, signal: AbortSignal): Promise<void> {
  if (!file.hasRanges) span.next = 0
  const answer = await remote.get(source.url, signal, file.hasRanges ? [span.next, span.end - 1] : undefined)
  await refuseUnlessGiven(answer, { ...source, hasToken: remote.hasToken })
  await expectSame(answer, file, span)
  try {
    for await (const chunk of received(answer, signal)) {
      if (chunk.length > span.end - span.next) throw damaged(source, 'the server sends more bytes than there should be')
      await part.append(span, chunk)
      onBytes()
    }
  } catch (error) {
    // The pause before the next try may be long.
    if (error instanceof RetryLater) await part.save()
    throw error
  }
  if (span.next < span.end) throw new RetryLater(`${answer.url.host} ended too early`)
}

/** Looked at on every answer, in place of If-Range: the servers of a CDN may have ETags of their own, the hub's is one for all. */
async function expectSame(answer: RemoteAnswer, file: RemoteFile, span: Span): Promise<void> {
  const isAtPlace = !file.hasRanges || (answer.status === 206 && String(answer.headers['content-range']).startsWith(`bytes ${span.next}-`))
  const hasChanged = versionOf(answer) !== file.version || wholeLength(answer) !== file.bytes
  if (isAtPlace && !hasChanged) return
  answer.body.on('error', () => undefined).destroy()
  throw hasChanged ? new RemoteChanged('the file at the address is another one now') : new RetryLater(`${answer.url.host} did not go on where it was asked to`)
}
