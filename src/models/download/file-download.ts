// The way of one file: looked for in the folder, looked at from afar, fetched, checked, put in its place.
import { join } from 'node:path'
import { SwitchError } from '../../inference/errors.ts'
import { readGgufHeader } from '../gguf-header.ts'
import { sha256OfFile } from './checksum.ts'
import type { DownloadOptions } from './download.ts'
import { expectRoom, freeBytesIn } from './folder.ts'
import { PartFile, discardPart, partPath } from './part-file.ts'
import { lookForFile } from './present-file.ts'
import type { ProgressMeter, PullResult } from './progress.ts'
import { damaged, lookAt } from './remote-file.ts'
import type { RemoteFile } from './remote-file.ts'
import { RemoteChanged, retrying, sayRetry } from './retry-later.ts'
import type { Retrying } from './retry-later.ts'
import type { Split } from './span.ts'
import { transfer } from './transfer.ts'

const defaultSplit: Split = { leastBytes: 64 * 1024 ** 2, most: 4 }
/** How often a file may change under the download. */
const mostChanges = 3

export class FileDownload {
  readonly #options: DownloadOptions
  readonly #meter: ProgressMeter
  readonly #retry: Retrying
  readonly #path: string
  readonly #partPath: string

  constructor(options: DownloadOptions, meter: ProgressMeter) {
    const { source, folder, signal, log } = options
    this.#options = options
    this.#meter = meter
    this.#path = join(folder, source.file)
    this.#partPath = partPath(folder, source.file)
    this.#retry = { ...options.retry, signal, onRetry: sayRetry(source.model, log) }
  }

  async run(): Promise<PullResult> {
    const { source, force, log } = this.#options
    // What is pinned needs no network to be found good.
    const pinned = source.sha256 === undefined || force ? undefined : await this.#present(source)
    if (pinned !== undefined) return pinned
    if (force) await discardPart(this.#partPath)
    for (let changes = 0; ; changes++) {
      const file = await this.#look()
      const present = source.sha256 !== undefined || force ? undefined : await this.#present(file)
      if (present !== undefined) return present
      try {
        return await this.#fetch(file)
      } catch (error) {
        if (!(error instanceof RemoteChanged) || changes === mostChanges) throw error
        log.warn({ model: source.model }, 'the file at the address has changed; starting over')
        await discardPart(this.#partPath)
      }
    }
  }

  #look(): Promise<RemoteFile> {
    const { source, remote, signal } = this.#options
    return retrying(() => lookAt(source, remote, signal), this.#retry)
  }

  async #present(expected: { readonly bytes: number | undefined, readonly sha256: string | undefined }): Promise<PullResult | undefined> {
    const { source: { model, isCatalogued }, signal, log } = this.#options
    const found = await lookForFile(this.#path, expected, { signal, onBytes: (bytes, total) => this.#meter.update('verifying', bytes, total) })
    if (found === undefined) return undefined
    if (found.problem === undefined) return { model, path: this.#path, bytes: found.bytes, sha256: found.sha256, was_present: true }
    if (!isCatalogued) throw taken(this.#path, found.problem)
    log.warn({ model }, `${this.#path} ${found.problem}; it is replaced when the new file is here`)
    return undefined
  }

  async #fetch(file: RemoteFile): Promise<PullResult> {
    const { source, folder, remote, split = defaultSplit, freeBytes = freeBytesIn } = this.#options
    const part = await PartFile.open(this.#partPath, file, split)
    try {
      expectRoom(folder, Math.max(0, file.bytes - await part.bytesOnDisk()), await freeBytes(folder))
      const onBytes = () => this.#meter.update('downloading', part.bytes, file.bytes)
      onBytes()
      await transfer({ source, file, part, remote, onBytes, retry: this.#retry })
    } finally {
      await part.close()
      if (part.bytes === 0) await discardPart(this.#partPath)
    }
    const sha256 = await this.#verify(file)
    await part.moveTo(this.#path)
    return { model: source.model, path: this.#path, bytes: file.bytes, sha256, was_present: false }
  }

  /** Leaves nothing behind of a file that is not the right one. */
  async #verify({ bytes, sha256: expected }: RemoteFile): Promise<string> {
    const { source, signal } = this.#options
    const sha256 = await sha256OfFile(this.#partPath, signal, (read) => this.#meter.update('verifying', read, bytes))
    const problem = expected !== undefined && sha256 !== expected
      ? `its checksum is ${sha256} and should be ${expected}`
      : await readGgufHeader(this.#partPath).then(() => undefined, () => 'it begins like a GGUF file, but its header is damaged')
    if (problem === undefined) return sha256
    await discardPart(this.#partPath)
    throw damaged(source, problem)
  }
}

function taken(path: string, problem: string): SwitchError {
  return new SwitchError('SWITCH_DOWNLOAD_NAME_TAKEN', `${path} is there and is another file: it ${problem}. Pull with force to replace it, or into another folder.`)
}
