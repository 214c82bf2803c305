// A folder that Switch uses: whether it can be read and written, and how much room is left on its disk.
import { access, constants, stat, statfs } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { gigabytes } from '../../models/size-rule.ts'
import { ok, problem, warning } from '../finding.ts'
import type { Facts, Finding } from '../finding.ts'
import type { Machine } from '../machine.ts'

export type FolderState = {
  /** Absolute. */
  readonly path: string
  /** The folder, or where it is not there yet the nearest one above it. */
  readonly standsAt: string
  readonly isThere: boolean
  /** Why it cannot be read or written, as the system names it (EACCES, EROFS, ENOTDIR); undefined when it can. */
  readonly readProblem: string | undefined
  readonly writeProblem: string | undefined
  readonly freeBytes: number
  readonly owner: number
}

export type FolderUse = {
  /** Such as SWITCH_CACHE_DIR. */
  readonly setting: string
  /** What goes on without a folder that can be written, as a sentence. */
  readonly withoutWriting: string
  /** Free space below which it is told. */
  readonly neededBytes: number
  /** What the space is for. */
  readonly neededFor: string
}

export async function folderState(folder: string): Promise<FolderState> {
  const path = resolve(folder)
  const standsAt = await nearestPresent(path)
  const [{ uid: owner }, { bavail, bsize }, isFolder, readProblem, writeProblem] = await Promise.all([
    stat(standsAt), statfs(standsAt), stat(standsAt).then((facts) => facts.isDirectory()), refusal(standsAt, constants.R_OK | constants.X_OK), refusal(standsAt, constants.W_OK)
  ])
  const other = isFolder ? undefined : 'ENOTDIR'
  return { path, standsAt, isThere: standsAt === path, readProblem: other ?? readProblem, writeProblem: other ?? writeProblem, freeBytes: bavail * bsize, owner }
}

export function checkFolder(state: FolderState, use: FolderUse, machine: Pick<Machine, 'uid' | 'gid' | 'container'>): Finding {
  const { path, standsAt, isThere, readProblem, writeProblem, freeBytes, owner } = state
  const { setting, withoutWriting, neededBytes, neededFor } = use
  const facts: Facts = { path, is_there: isThere, free_bytes: freeBytes, owner_uid: owner, uid: machine.uid ?? null }
  if (readProblem === 'ENOTDIR') return problem(`${standsAt} is no folder.`, `Move it away, or set ${setting} to a folder`, facts)
  if (isThere && readProblem !== undefined) return problem(`${path} cannot be read (${readProblem}${ownerText(state, machine)}).`, mendingOf(state, use, machine), facts)
  if (writeProblem !== undefined) return warning(`${isThere ? path : `${path} is not there, and ${standsAt}`} cannot be written (${writeProblem}${ownerText(state, machine)}). ${withoutWriting}`, mendingOf(state, use, machine), facts)
  const found = `${path} ${isThere ? 'can be written' : 'is not there yet and can be made'}; ${gigabytes(freeBytes)} are free.`
  if (freeBytes < neededBytes) return warning(`${found} That is little for ${neededFor}, which takes ${gigabytes(neededBytes)}.`, `Make room (see what takes it with: du -sh ${path}/*), or set ${setting} to a folder on another disk`, facts)
  return ok(found, facts)
}

function ownerText({ owner }: FolderState, { uid }: Pick<Machine, 'uid'>): string {
  return uid === undefined || uid === owner ? '' : `: it belongs to user ${owner}, and Switch runs as user ${uid}`
}

function mendingOf({ path, standsAt, isThere, readProblem, writeProblem }: FolderState, { setting }: FolderUse, { uid, gid, container }: Pick<Machine, 'uid' | 'gid' | 'container'>): string {
  if (readProblem === undefined && writeProblem === 'EROFS') return `Mount it without :ro (or read_only), or set ${setting} to a folder that can be written`
  if (uid === undefined) return `Give this user the right to write there, or set ${setting} to another folder`
  if (!isThere && container === undefined) return `sudo install -d -o ${uid} -g ${gid} ${path}`
  const where = container === undefined ? isThere ? path : standsAt : `FOLDER   # on the host; FOLDER is what is mounted at ${path}`
  return `sudo chown -R ${uid}:${gid} ${where}`
}

async function refusal(path: string, mode: number): Promise<string | undefined> {
  try {
    await access(path, mode)
    return undefined
  } catch (error) {
    return (error as NodeJS.ErrnoException).code
  }
}

/** What cannot be looked at because of a folder above it counts as there: the refusal tells the rest. */
async function nearestPresent(path: string): Promise<string> {
  try {
    await stat(path)
    return path
  } catch {
    return dirname(path) === path ? path : nearestPresent(dirname(path))
  }
}
