// The folder of the saved prompt states of all models: its size is bounded, and the least recently used go first.
import { createHash, randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { access, mkdir, readdir, rm, stat, statfs, utimes } from 'node:fs/promises'
import { join } from 'node:path'

/** Left free on the disk for everything else. */
const spareBytes = 64 * 1024 * 1024
/** A file that is being written grows all the time; one that did not for so long belongs to a process that died. */
const abandonedAfterMs = 60_000
const finished = /^[0-9a-f]{16}-[0-9a-f]{16}\.state$/
const unfinished = /^[0-9a-f]{16}-[0-9a-f]{16}\.state\.writing$/

type Entry = { readonly path: string, readonly bytes: number, readonly usedAtMs: number, readonly isFinished: boolean }

/** Where a state belongs, and where it is written before it is renamed. */
export type StatePaths = { readonly path: string, readonly temporary: string }

export type StateFolderOptions = {
  readonly path: string
  readonly maxBytes: number
  /** Bytes that the disk has left for this user. */
  readonly freeBytes?: (path: string) => Promise<number>
}

/** Several processes may use one folder: what is listed may be gone the next moment, and that is no error. */
export class StateFolder {
  readonly #path: string
  readonly #maxBytes: number
  readonly #freeBytes: (path: string) => Promise<number>

  private constructor({ path, maxBytes, freeBytes = freeBytesOf }: StateFolderOptions) {
    this.#path = path
    this.#maxBytes = maxBytes
    this.#freeBytes = freeBytes
  }

  /** Makes the folder where it is missing. Throws when it cannot be written. */
  static async open(options: StateFolderOptions): Promise<StateFolder> {
    const folder = new StateFolder(options)
    await folder.#make()
    await access(options.path, constants.R_OK | constants.W_OK | constants.X_OK)
    return folder
  }

  newPaths(modelKey: string): StatePaths {
    const path = join(this.#path, `${hashOf(modelKey)}-${randomBytes(8).toString('hex')}.state`)
    return { path, temporary: `${path}.writing` }
  }

  /** The paths of the states of this model. */
  async pathsOf(modelKey: string): Promise<string[]> {
    const names = await readdir(this.#path)
    return names.filter((name) => finished.test(name) && name.startsWith(hashOf(modelKey))).map((name) => join(this.#path, name))
  }

  /** Marks a state as used now. False when it is gone. */
  async touch(path: string): Promise<boolean> {
    const now = new Date()
    return utimes(path, now, now).then(() => true, (error: NodeJS.ErrnoException) => error.code !== 'ENOENT')
  }

  async remove(path: string): Promise<void> {
    await rm(path, { force: true })
  }

  /**
   * Removes states until as many bytes more fit into the bound and on the disk: the dispensable ones first, then the
   * least recently used. Removes none when that would not be enough.
   */
  async makeRoom(bytes: number, dispensable: ReadonlySet<string> = new Set()): Promise<{ hasRoom: boolean, removed: Set<string> }> {
    await this.#make()
    const entries = await this.#list()
    const limit = Math.max(0, Math.min(this.#maxBytes, sum(entries) + await this.#freeBytes(this.#path) - spareBytes))
    const removed = new Set<string>()
    const states = entries.filter(({ isFinished }) => isFinished)
    let needed = sum(entries) + bytes - limit
    if (needed > sum(states)) return { hasRoom: false, removed }
    states.sort((a, b) => Number(dispensable.has(b.path)) - Number(dispensable.has(a.path)) || a.usedAtMs - b.usedAtMs)
    for (const state of states) {
      if (needed <= 0) break
      await this.remove(state.path)
      removed.add(state.path)
      needed -= state.bytes
    }
    return { hasRoom: true, removed }
  }

  /** Prompts are private. */
  async #make(): Promise<void> {
    await mkdir(this.#path, { recursive: true, mode: 0o700 })
  }

  /** The files of the folder, without those that dead processes left unfinished: these are removed. */
  async #list(): Promise<Entry[]> {
    const names = (await readdir(this.#path)).filter((name) => finished.test(name) || unfinished.test(name))
    const entries = await Promise.all(names.map((name) => this.#entryOf(name)))
    return entries.filter((entry) => entry !== undefined)
  }

  async #entryOf(name: string): Promise<Entry | undefined> {
    const path = join(this.#path, name)
    const found = await stat(path).catch(() => undefined)
    if (!found?.isFile()) return undefined
    const isFinished = finished.test(name)
    if (!isFinished && Date.now() - found.mtimeMs > abandonedAfterMs) {
      await this.remove(path)
      return undefined
    }
    return { path, bytes: found.size, usedAtMs: found.mtimeMs, isFinished }
  }
}

/** A model key says much and may be long: its hash fits into a file's name. */
function hashOf(modelKey: string): string {
  return createHash('sha256').update(modelKey).digest('hex').slice(0, 16)
}

function sum(entries: readonly Entry[]): number {
  return entries.reduce((bytes, entry) => bytes + entry.bytes, 0)
}

async function freeBytesOf(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path)
  return bavail * bsize
}
