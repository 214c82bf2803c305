// A model on its way: its bytes in `.NAME.part`, and beside it what is there already, so that a later run goes on.
import { open, readFile, rename, rm } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import type { RemoteFile } from './remote-file.ts'
import { bytesIn, cover, spansOf } from './span.ts'
import type { Span, Split } from './span.ts'

const stateSchema = z.object({
  version: z.string(),
  bytes: z.int().positive(),
  spans: z.array(z.object({ start: z.int().min(0), next: z.int(), end: z.int() })).min(1)
})

/** Readable by others, so that a container with another user can load it. */
const mode = 0o644
const saveEveryMs = 1000

export function partPath(folder: string, file: string): string {
  return join(folder, `.${file}.part`)
}

/** Removes what an earlier run left. */
export async function discardPart(path: string): Promise<void> {
  for (const file of [path, `${path}.json`, `${path}.json.new`]) await rm(file, { force: true })
}

/** What another process has of it so far; undefined when there is nothing to see. */
export async function readPart(path: string): Promise<{ bytes: number, total: number } | undefined> {
  const { data } = stateSchema.safeParse(await readFile(`${path}.json`, 'utf8').then(JSON.parse).catch(() => undefined))
  return data && { bytes: bytesIn(data.spans), total: data.bytes }
}

export class PartFile {
  readonly path: string
  readonly spans: readonly Span[]
  readonly #handle: FileHandle
  readonly #remote: RemoteFile
  #savedAt = 0
  #saving: Promise<void> | undefined

  private constructor(path: string, handle: FileHandle, remote: RemoteFile, spans: readonly Span[]) {
    this.path = path
    this.spans = spans
    this.#handle = handle
    this.#remote = remote
  }

  /** Goes on with the part of the very same file, or begins anew. */
  static async open(path: string, remote: RemoteFile, split: Split): Promise<PartFile> {
    const spans = await readSpans(path, remote)
    if (spans === undefined) await discardPart(path)
    const handle = await open(path, spans === undefined ? 'w+' : 'r+', mode)
    return new PartFile(path, handle, remote, spans ?? spansOf(remote.bytes, remote.hasRanges ? split : { ...split, most: 1 }))
  }

  /** Bytes that are here. */
  get bytes(): number {
    return bytesIn(this.spans)
  }

  /** Bytes that the disk has given to it. */
  async bytesOnDisk(): Promise<number> {
    return (await this.#handle.stat()).blocks * 512
  }

  /** Adds to a span. */
  async append(span: Span, chunk: Uint8Array): Promise<void> {
    for (let written = 0; written < chunk.length;) written += (await this.#handle.write(chunk, written, chunk.length - written, span.next + written)).bytesWritten
    span.next += chunk.length
    if (performance.now() - this.#savedAt >= saveEveryMs) await this.save()
  }

  /** A process killed from now on goes on from here. Spans call it side by side; one save at a time is enough. */
  async save(): Promise<void> {
    this.#savedAt = performance.now()
    this.#saving ??= this.#writeState().finally(() => { this.#saving = undefined })
    await this.#saving
  }

  /** Everything is on the disk: the bytes and what is known of them. */
  async close(): Promise<void> {
    try {
      await this.#saving
      await this.#writeState()
    } finally {
      await this.#handle.close()
    }
  }

  /** Puts the bytes in their place, under the name that makes them a model. Close it first. */
  async moveTo(path: string): Promise<void> {
    await using handle = await open(this.path, 'r+')
    await handle.chmod(mode)
    await handle.sync()
    await rename(this.path, path)
    await syncFolder(dirname(path))
    await discardPart(this.path)
  }

  /** The state never promises bytes that a power cut could take: these go to the disk first. */
  async #writeState(): Promise<void> {
    const { version, bytes } = this.#remote
    if (version === undefined || !this.#remote.hasRanges) return
    const state = JSON.stringify({ version, bytes, spans: this.spans })
    await this.#handle.datasync()
    await using file = await open(`${this.path}.json.new`, 'w', mode)
    await file.writeFile(state)
    await file.sync()
    await rename(`${this.path}.json.new`, `${this.path}.json`)
  }
}

/** Undefined when there is nothing to go on from. */
async function readSpans(path: string, { version, bytes, hasRanges }: RemoteFile): Promise<Span[] | undefined> {
  if (!hasRanges) return undefined
  try {
    const state = stateSchema.parse(JSON.parse(await readFile(`${path}.json`, 'utf8')))
    await using handle = await open(path)
    const { size } = await handle.stat()
    const isWhole = cover(state.spans, bytes) && state.spans.every(({ start, next }) => next === start || next <= size)
    return state.version === version && state.bytes === bytes && isWhole ? state.spans : undefined
  } catch {
    return undefined
  }
}

/** A rename is on the disk when its folder is. Some file systems have no such call. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder).catch(() => undefined)
  await handle?.sync().catch(() => undefined)
  await handle?.close()
}
