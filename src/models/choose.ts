// Decides which model the local backend runs, from the configuration and from what lies in the model folder.
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { basename, extname, join, resolve } from 'node:path'
import { z } from 'zod'
import { embeddedModelPath } from './catalogue.ts'
import type { Catalogue, CatalogueEntry } from './catalogue.ts'

/** The model to run, or why there is none. */
export type ModelChoice =
  | { readonly name: string, readonly path: string, readonly isEmbedded: boolean }
  | { readonly name: string, readonly problem: string }

export type ChooseOptions = {
  /** HERMES_MODEL_NAME. */
  name: string
  /** HERMES_MODEL_DIR. */
  folder: string
  /** The embedded model must not stand in for a remote backend unless it was named. */
  hasRemoteBackend: boolean
  catalogue: Catalogue
  /** The variable that an error message names; HERMES_MODEL_NAME by default. */
  setting?: string
}

/** The part of .config.json in the model folder that matters here. */
const folderConfigSchema = z.looseObject({
  default_model: z.string().optional(),
  available_models: z.array(z.looseObject({ name: z.string(), path: z.string() })).optional()
})

type FolderConfig = z.output<typeof folderConfigSchema>

export function chooseModel(options: ChooseOptions): ModelChoice {
  return options.name === 'auto' ? chooseAutomatically(options) : chooseNamed(options.name, options)
}

function chooseNamed(name: string, { folder, catalogue, setting = 'HERMES_MODEL_NAME' }: ChooseOptions): ModelChoice {
  const path = candidates(name, folder, catalogue, readFolderConfig(folder)).find(isFile)
  if (path !== undefined) return { name: shortName(path, name, catalogue), path, isEmbedded: path === embeddedModelPath(catalogue) }
  return { name, problem: `Model ${name} was not found in ${folder}. Put its GGUF file there, or set ${setting} to a model that is there.` }
}

function chooseAutomatically(options: ChooseOptions): ModelChoice {
  const { folder, catalogue, hasRemoteBackend } = options
  const config = readFolderConfig(folder)
  const names = [...(config?.default_model ? [config.default_model] : []), ...catalogue.models.map(({ id }) => id), ...ggufFilesBySize(folder)]
  for (const name of names) {
    const choice = chooseNamed(name, options)
    if ('path' in choice) return choice
  }
  if (!hasRemoteBackend) return { name: catalogue.embedded.id, path: embeddedModelPath(catalogue), isEmbedded: true }
  return { name: 'none', problem: `No local model is installed in ${folder}. Put a GGUF file there, or set HERMES_MODEL_NAME=${catalogue.embedded.id} to let the embedded demo model stand in.` }
}

/** Where a model of this name may lie, most specific first. */
function candidates(name: string, folder: string, catalogue: Catalogue, config: FolderConfig | undefined): string[] {
  const listed = config?.available_models?.find((model) => model.name === name)?.path
  const entry: CatalogueEntry | undefined = catalogue.models.find(({ id }) => id === name)
  const files = [listed, name, `${name}.gguf`, entry?.file].filter((file) => file !== undefined)
  const paths = files.map((file) => resolve(folder, file)).filter((path) => extname(path).toLowerCase() === '.gguf')
  return name === catalogue.embedded.id ? [...paths, embeddedModelPath(catalogue)] : paths
}

/** The catalogue's id for its own file names, else the file's name without .gguf. */
function shortName(path: string, asked: string, catalogue: Catalogue): string {
  const file = basename(path)
  const known = [catalogue.embedded, ...catalogue.models].find((entry) => entry.id === asked || entry.file === file)
  return known?.id ?? basename(file, extname(file))
}

function readFolderConfig(folder: string): FolderConfig | undefined {
  try {
    return folderConfigSchema.safeParse(JSON.parse(readFileSync(join(folder, '.config.json'), 'utf8'))).data
  } catch {
    return undefined
  }
}

function ggufFilesBySize(folder: string): string[] {
  try {
    const files = readdirSync(folder).filter((file) => extname(file).toLowerCase() === '.gguf' && isFile(join(folder, file)))
    return files.sort((a, b) => statSync(join(folder, b)).size - statSync(join(folder, a)).size)
  } catch {
    return []
  }
}

/** False also for what cannot be a path at all, or is a link to nowhere. */
function isFile(path: string): boolean {
  try {
    return statSync(path).isFile()
  } catch {
    return false
  }
}
