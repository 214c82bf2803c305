// Names a model that would fit where another one does not: one that is installed, else one of the catalogue.
import { readdir } from 'node:fs/promises'
import { basename, extname, join, resolve } from 'node:path'
import { readCatalogue } from './catalogue.ts'
import type { CatalogueEntry } from './catalogue.ts'
import { estimateMemory } from './memory-fit.ts'
import type { FitOptions } from './memory-fit.ts'
import { readModelFacts } from './model-facts.ts'

export type SmallerModelQuery = {
  readonly freeMb: number
  readonly fit: FitOptions
  readonly folder: string
  /** The file of the model that does not fit. */
  readonly than: string
}

/** Without its header a model's KV cache can only be guessed: bytes of one token for each billion of parameters, rather too many. */
const guessedKvBytes = 40_000
/** Computing and process of a model whose header is not at hand. */
const guessedOverheadMb = 500

/** In words for an error message; undefined when none is known. Never throws. */
export async function smallerModel(query: SmallerModelQuery): Promise<string | undefined> {
  const installed = await largestInstalled(query)
  if (installed !== undefined) return `${installed.name}, which is installed, needs ${installed.totalMb} MB`
  const entry = readCatalogue().models.find((one) => guessMb(one, query.fit) <= query.freeMb)
  return entry && `${entry.id} of the catalogue needs about ${guessMb(entry, query.fit)} MB: npx switch models pull ${entry.id}`
}

type Installed = { readonly name: string, readonly totalMb: number }

async function largestInstalled({ freeMb, fit, folder, than }: SmallerModelQuery): Promise<Installed | undefined> {
  const files = await readdir(folder).catch(() => [])
  const paths = files.filter((file) => extname(file).toLowerCase() === '.gguf').map((file) => join(folder, file))
  const models = await Promise.all(paths.filter((path) => resolve(path) !== resolve(than)).map((path) => measured(path, fit)))
  return models.filter((model) => model !== undefined && model.totalMb <= freeMb).sort((a, b) => b!.totalMb - a!.totalMb)[0]
}

/** Undefined for a file that is no usable model. */
async function measured(path: string, fit: FitOptions): Promise<Installed | undefined> {
  try {
    return { name: basename(path, extname(path)), totalMb: estimateMemory(await readModelFacts(path), fit).totalMb }
  } catch {
    return undefined
  }
}

function guessMb({ size_bytes, parameters_b, native_context }: CatalogueEntry, { contextLength, slots }: FitOptions): number {
  if (size_bytes === null) return Infinity
  const tokens = Math.min(contextLength, native_context) * slots
  return Math.ceil(size_bytes / 1e6 + tokens * parameters_b * guessedKvBytes / 1e6 + guessedOverheadMb)
}
