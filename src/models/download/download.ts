// Pulls one model file into a folder: there whole and checked, or not there at all.
import { join, resolve } from 'node:path'
import { systemClock } from '../../inference/clock.ts'
import { SwitchError } from '../../inference/errors.ts'
import type { Log } from '../../observability/log.ts'
import { FileDownload } from './file-download.ts'
import { takeLock } from './file-lock.ts'
import { diskFailure, prepareFolder } from './folder.ts'
import { partPath, readPart } from './part-file.ts'
import { ProgressMeter } from './progress.ts'
import type { PullProgress, PullResult } from './progress.ts'
import type { Remote } from './remote.ts'
import { RemoteChanged, RetryLater } from './retry-later.ts'
import type { RetryOptions } from './retry-later.ts'
import type { DownloadSource } from './source.ts'
import type { Split } from './span.ts'

export type DownloadOptions = {
  readonly source: DownloadSource
  /** Created when it is missing. */
  readonly folder: string
  readonly remote: Remote
  /** Fetched anew although a good file is there; false by default. */
  readonly force?: boolean | undefined
  /** What has come until it aborts is kept for the next time. */
  readonly signal: AbortSignal
  readonly onProgress?: ((progress: PullProgress) => void) | undefined
  readonly log: Log
  readonly retry?: RetryOptions | undefined
  /** Four connections by default, each for at least 64 MiB. */
  readonly split?: Split | undefined
  /** Bytes free in a folder. */
  readonly freeBytes?: ((folder: string) => Promise<number>) | undefined
}

/**
 * Pulls `source` into `folder`, or finds it there. Waits for another process that pulls the same file.
 * @throws SwitchError that says what to do; the signal's reason
 */
export async function downloadModel(options: DownloadOptions): Promise<PullResult> {
  const { source, signal, onProgress = () => undefined } = options
  const folder = resolve(options.folder)
  const meter = new ProgressMeter(source.model, systemClock, onProgress)
  meter.update('resolving', 0, source.bytes ?? null)
  await prepareFolder(folder)
  const waiting = async () => {
    const part = await readPart(partPath(folder, source.file))
    if (part !== undefined) meter.update('downloading', part.bytes, part.total)
  }
  try {
    const unlock = await takeLock(join(folder, `.${source.file}.lock`), signal, waiting)
    try {
      const result = await new FileDownload({ ...options, folder }, meter).run()
      meter.update('done', result.bytes, result.bytes)
      return result
    } finally {
      await unlock()
    }
  } catch (error) {
    signal.throwIfAborted()
    throw said(error, options)
  }
}

/** The error that the caller sees. */
function said(error: unknown, { source, folder }: DownloadOptions): unknown {
  if (error instanceof SwitchError) return error
  if (error instanceof RetryLater) return new SwitchError('SWITCH_DOWNLOAD_FAILED', `${source.model} could not be pulled: ${error.message}. What has come is kept; pull it again and it goes on from there.`, { cause: error })
  if (error instanceof RemoteChanged) return new SwitchError('SWITCH_DOWNLOAD_FAILED', `${source.model} changes at ${source.url.host} while it is pulled. Try again later.`, { cause: error })
  return diskFailure(folder, error)
}
