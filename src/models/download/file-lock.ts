// One writer of a file among all processes, also in several containers that share a folder.
import { randomUUID } from 'node:crypto'
import { open, readFile, rename, rm, stat, utimes } from 'node:fs/promises'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'

const ownerSchema = z.object({ id: z.string(), pid: z.int(), host: z.string() })
type Owner = z.output<typeof ownerSchema>

const heartbeatMs = 5000
/** A lock without heartbeat for so long has no owner, also where its process cannot be looked for. */
const staleMs = 30_000
const lookEveryMs = 250

/**
 * Waits until the lock is this caller's. One left by a process that is gone is taken over.
 * Two owners at once would need two that take over within the same instant; both would write the same bytes.
 * @param onWait called at each look at a lock that another one holds
 * @returns a function that gives it back
 */
export async function takeLock(path: string, signal: AbortSignal, onWait: () => void | Promise<void> = () => undefined): Promise<() => Promise<void>> {
  const owner: Owner = { id: randomUUID(), pid: process.pid, host: hostname() }
  while (!await create(path, owner)) {
    if (await isStale(path)) await remove(path)
    else {
      await onWait()
      await sleep(lookEveryMs, undefined, { signal }).catch(() => signal.throwIfAborted())
    }
  }
  const heartbeat = setInterval(() => void utimes(path, new Date(), new Date()).catch(() => undefined), heartbeatMs).unref()
  return async () => {
    clearInterval(heartbeat)
    if ((await readOwner(path))?.id === owner.id) await rm(path, { force: true })
  }
}

async function create(path: string, owner: Owner): Promise<boolean> {
  try {
    await using file = await open(path, 'wx')
    await file.writeFile(JSON.stringify(owner))
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

async function isStale(path: string): Promise<boolean> {
  const owner = await readOwner(path)
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }))
  return Date.now() - mtimeMs > staleMs || (owner !== undefined && owner.host === hostname() && !isAlive(owner.pid))
}

/** A name of its own first: of two that take over, one alone moves the file. */
async function remove(path: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`
  await rename(path, aside).catch(() => undefined)
  await rm(aside, { force: true })
}

/** Undefined for a lock that is gone, or is being written. */
async function readOwner(path: string): Promise<Owner | undefined> {
  try {
    return ownerSchema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch {
    return undefined
  }
}

/** A process of another user is alive too. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
