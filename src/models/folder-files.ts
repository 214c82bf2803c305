// The GGUF files of a folder, those of one split model together. What a download has not finished is not among them.
import { readdirSync, statSync } from 'node:fs'
import { extname, join } from 'node:path'

export type ModelFile = {
  /** The file's name without its ending, and without the number of its part. */
  readonly name: string
  /** The file to load, the first where there are several; relative to the folder. */
  readonly file: string
  readonly path: string
  /** All that are there, in order; relative to the folder. */
  readonly parts: readonly string[]
  readonly missingParts: readonly string[]
  /** Of all parts together. */
  readonly bytes: number
}

const splitName = /^(?<start>.+)-\d{5}-of-(?<count>\d{5})\.gguf$/i

/** Sorted by name; nothing for a folder that is not there. */
export function modelFiles(folder: string): ModelFile[] {
  const groups = Map.groupBy(ggufFiles(folder), (file) => nameOf(file) + (splitName.exec(file)?.groups!['count'] ?? extname(file)))
  return [...groups.values()].map((parts) => modelFile(folder, parts)).toSorted((a, b) => a.name < b.name ? -1 : 1)
}

/** What the file of a model is called without its ending and without the number of its part. */
export function nameOf(file: string): string {
  return splitName.exec(file)?.groups!['start'] ?? file.slice(0, file.length - extname(file).length)
}

/** False also for what cannot be a path at all, or is a link to nowhere. */
export function isFile(path: string): boolean {
  try {
    return statSync(path).isFile()
  } catch {
    return false
  }
}

function modelFile(folder: string, found: readonly string[]): ModelFile {
  const parts = found.toSorted()
  const all = expectedParts(parts[0]!)
  const bytes = parts.reduce((sum, part) => sum + statSync(join(folder, part)).size, 0)
  return { name: nameOf(parts[0]!), file: all[0]!, path: join(folder, all[0]!), parts, missingParts: all.filter((part) => !parts.includes(part)), bytes }
}

/** @param file any part */
function expectedParts(file: string): string[] {
  const { start, count } = splitName.exec(file)?.groups ?? {}
  if (start === undefined || count === undefined) return [file]
  return Array.from({ length: Number(count) }, (_, index) => `${start}-${String(index + 1).padStart(5, '0')}-of-${count}${extname(file)}`)
}

/** Hidden files belong to somebody's work that is under way. */
function ggufFiles(folder: string): string[] {
  try {
    return readdirSync(folder).filter((file) => !file.startsWith('.') && extname(file).toLowerCase() === '.gguf' && isFile(join(folder, file)))
  } catch {
    return []
  }
}
