// A look at a model file that is there already: is it the right one?
import { stat } from 'node:fs/promises'
import { readGgufHeader } from '../gguf-header.ts'
import { sha256OfFile } from './checksum.ts'

type Expected = {
  readonly bytes: number | undefined
  readonly sha256: string | undefined
}

type Look = {
  readonly signal: AbortSignal
  readonly onBytes: (bytes: number, total: number) => void
}

/** `problem`: what is wrong with it; its message goes on from the path. */
export type Found = { readonly bytes: number, readonly sha256: string, readonly problem: string | undefined }

/** Undefined when there is no such file. Without a checksum to compare, length and header decide. */
export async function lookForFile(path: string, expected: Expected, { signal, onBytes }: Look): Promise<Found | undefined> {
  const status = await stat(path).catch(() => undefined)
  if (status === undefined) return undefined
  const { size: bytes } = status
  if (expected.bytes !== undefined && bytes !== expected.bytes) return { bytes, sha256: '', problem: `has ${bytes} bytes and should have ${expected.bytes}` }
  const sha256 = await sha256OfFile(path, signal, (read) => onBytes(read, bytes))
  if (expected.sha256 !== undefined) return { bytes, sha256, problem: sha256 === expected.sha256 ? undefined : `has the checksum ${sha256} and should have ${expected.sha256}` }
  const problem = await readGgufHeader(path).then(() => undefined, () => 'is no GGUF file that can be read')
  return { bytes, sha256, problem }
}
