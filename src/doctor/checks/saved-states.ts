// The prompt states saved in the cache folder, against their bound.
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { gigabytes } from '../../models/size-rule.ts'
import { ok, skipped, warning } from '../finding.ts'
import type { Finding } from '../finding.ts'

/** States being written may stand beside those they replace. */
const tolerance = 1.25

/** @param mostBytes 0: none are saved */
export async function checkSavedStates(folder: string, mostBytes: number): Promise<Finding> {
  if (mostBytes === 0) return skipped('HERMES_PROMPT_CACHE_MB is 0: no prompt state is saved.')
  const files = await readdir(folder, { recursive: true }).catch((error: NodeJS.ErrnoException) => error.code)
  if (files === 'ENOENT') return ok('No prompt state is saved yet.', { files: 0, bytes: 0 })
  if (!Array.isArray(files)) return warning(`${folder} cannot be read (${files}): prompts are evaluated anew after a restart.`, `ls -ld ${folder}`)
  const sizes = await Promise.all(files.map(async (file) => {
    // One may be deleted between the listing and the look.
    const facts = await stat(join(folder, file)).catch(() => undefined)
    return facts?.isFile() ? facts.size : undefined
  }))
  const known = sizes.filter((size) => size !== undefined)
  const bytes = known.reduce((sum, size) => sum + size, 0)
  const found = `${known.length} ${known.length === 1 ? 'file' : 'files'} with ${gigabytes(bytes)} of the ${gigabytes(mostBytes)} allowed lie in ${folder}.`
  if (bytes > mostBytes * tolerance) return warning(`${found} The next start makes them fewer.`, `rm -r ${folder}`, { files: known.length, bytes })
  return ok(found, { files: known.length, bytes })
}
