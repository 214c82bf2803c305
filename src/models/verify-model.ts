// Whether a model file is what it should be: by the checksum of the catalogue, else by what can be seen without one.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import type { FolderModel } from './model-folder.ts'
import { gigabytes } from './size-rule.ts'

export type Verdict = {
  readonly name: string
  readonly file: string
  readonly is_good: boolean
  /** What was compared. */
  readonly checked: 'sha256' | 'header'
  /** Of the file, where it was read. */
  readonly sha256?: string
  /** A sentence without a full stop, or one that says what to do. */
  readonly reason: string
}

/** Reads the whole file where a checksum is known. */
export async function verifyModel(model: FolderModel): Promise<Verdict> {
  const { name, file, path, entry, problem, doubt, parts } = model
  const verdict = { name, file, is_good: true }
  if (problem !== undefined) return { ...verdict, is_good: false, checked: 'header', reason: problem }
  if (entry === undefined || entry.sha256 === null || parts.length > 1) return byHeader(model, entry === undefined ? 'the catalogue does not know it' : 'no checksum of it is known')
  const sha256 = await sha256Of(path)
  if (sha256 === entry.sha256) return { ...verdict, checked: 'sha256', sha256, reason: 'its sha256 is that of the catalogue' }
  if (entry.file !== file) return { ...byHeader(model, `it is not the file ${entry.file} of the catalogue`), sha256 }
  return { ...verdict, is_good: false, checked: 'sha256', sha256, reason: `its sha256 is ${sha256}, that of the catalogue is ${entry.sha256}${doubt === undefined ? '' : `. ${doubt}`}. Get it anew with: npx switch models pull ${name} --force` }
}

/** The header was read and the weights are all there, else there was a problem. */
function byHeader({ name, file, entry, bytes, doubt }: FolderModel, why: string): Verdict {
  const verdict = { name, file, checked: 'header' } as const
  if (entry?.file === file && entry.size_bytes !== null && !entry.size_is_approximate && entry.size_bytes !== bytes) {
    return { ...verdict, is_good: false, reason: `it has ${bytes} bytes instead of ${entry.size_bytes}. Get it anew with: npx switch models pull ${name} --force` }
  }
  if (doubt !== undefined) return { ...verdict, is_good: false, reason: `${doubt}. Rename it, or get the right one` }
  return { ...verdict, is_good: true, reason: `header and length are right (${gigabytes(bytes)}); ${why}` }
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash)
  return hash.digest('hex')
}
