// The folder that models are pulled into: it is there, it can be written, and it has room.
import { access, constants, mkdir, statfs } from 'node:fs/promises'
import { SwitchError } from '../../inference/errors.ts'
import { wordsOf } from './remote.ts'

/** What is left free, so that the machine goes on working with a model just pulled. */
const marginBytes = 256e6

/** @throws SwitchError SWITCH_DOWNLOAD_FOLDER_UNUSABLE */
export async function prepareFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
    await access(folder, constants.W_OK)
  } catch (error) {
    throw unusable(folder, error)
  }
}

/** What a failure to write means; anything else is given back as it is. */
export function diskFailure(folder: string, error: unknown): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException
  if (code === 'ENOSPC' || code === 'EDQUOT') return new SwitchError('SWITCH_DOWNLOAD_NO_SPACE', `${folder} is full. What has come is kept: free some space, pull again, and it goes on from there.`, { cause: error })
  return syscall === undefined ? error : unusable(folder, error)
}

function unusable(folder: string, error: unknown): SwitchError {
  return new SwitchError('SWITCH_DOWNLOAD_FOLDER_UNUSABLE', `Nothing can be written to the model folder ${folder} (${wordsOf(error)}). Make it writable for this user, or choose another one with HERMES_MODEL_DIR.`, { cause: error })
}

/** Bytes that this user may still write to the file system of `folder`. */
export async function freeBytesIn(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

/** @throws SwitchError SWITCH_DOWNLOAD_NO_SPACE with both numbers */
export function expectRoom(folder: string, neededBytes: number, freeBytes: number): void {
  if (neededBytes + marginBytes <= freeBytes) return
  throw new SwitchError('SWITCH_DOWNLOAD_NO_SPACE', `${folder} has ${megabytes(freeBytes)} MB free; the download needs ${megabytes(neededBytes)} MB and ${megabytes(marginBytes)} MB of room to spare. Free some space, or choose another folder with HERMES_MODEL_DIR.`)
}

function megabytes(bytes: number): number {
  return Math.ceil(bytes / 1e6)
}
