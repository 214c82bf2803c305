// What lies in a model folder: every GGUF file measured and described by its header, whether Switch or a person put it there.
import { existsSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { Catalogue, CatalogueEntry } from './catalogue.ts'
import { chooseModel } from './choose.ts'
import { entryOf, findModel } from './find-model.ts'
import type { Lookup } from './find-model.ts'
import { FolderConfigurationError, readFolderConfiguration } from './folder-configuration.ts'
import type { FolderConfiguration } from './folder-configuration.ts'
import { isFile, modelFiles } from './folder-files.ts'
import type { ModelFile } from './folder-files.ts'
import { describeModel } from './model-description.ts'
import type { ModelDescription } from './model-description.ts'
import { nameDoubt } from './name-doubt.ts'
import { sizeClassOf, withinRule } from './size-rule.ts'
import type { SizeClass } from './size-rule.ts'

export type FolderModel = ModelFile & {
  /** The catalogue's id, else the file's name without .gguf. Each model of a folder has its own, and HERMES_MODEL_NAME takes it. */
  readonly name: string
  readonly entry: CatalogueEntry | undefined
  /** Undefined where there is a problem. */
  readonly description: ModelDescription | undefined
  /** Why it cannot be loaded, in a sentence that says what to do. */
  readonly problem: string | undefined
  /** Where its name and its header disagree, a sentence without a full stop. */
  readonly doubt: string | undefined
  readonly sizeClass: SizeClass | undefined
  readonly isWithinRule: boolean | undefined
  /** What HERMES_MODEL_NAME=auto takes. */
  readonly isDefault: boolean
  /** What HERMES_FALLBACK_MODEL=auto takes. */
  readonly isFallback: boolean
}

export type ModelFolder = {
  /** Absolute. */
  readonly path: string
  readonly isThere: boolean
  readonly models: readonly FolderModel[]
  /** As .config.json says; empty where it says nothing. */
  readonly configuration: FolderConfiguration
  /** What is wrong with the folder itself, each a sentence. */
  readonly warnings: readonly string[]
}

/** Reads headers, no weights: quick also for many large files. */
export async function describeFolder(folder: string, catalogue: Catalogue): Promise<ModelFolder> {
  const path = resolve(folder)
  const { configuration, warnings } = configurationOf(path)
  const lookup = { folder: path, catalogue, configuration }
  const automatic = chooseModel({ name: 'auto', folder: path, hasRemoteBackend: true, catalogue })
  const marked = {
    default: 'path' in automatic ? automatic.path : undefined,
    fallback: configuration.fallback_model && findModel(configuration.fallback_model, lookup)
  }
  const models: FolderModel[] = []
  for (const file of [...modelFiles(path), ...listedElsewhere(path, configuration)]) {
    models.push({ ...await describeFile(file, entryOf(file.file, catalogue)), name: nameFor(file, lookup), isDefault: file.path === marked.default, isFallback: file.path === marked.fallback })
  }
  return { path, isThere: existsSync(path), models, configuration, warnings: [...warnings, ...missing(lookup)] }
}

type Described = Omit<FolderModel, 'name' | 'isDefault' | 'isFallback'>

async function describeFile(file: ModelFile, entry: CatalogueEntry | undefined): Promise<Described> {
  const open = { ...file, entry, description: undefined, doubt: undefined, sizeClass: undefined, isWithinRule: undefined }
  if (file.missingParts.length > 0) return { ...open, problem: `Of ${file.file} the parts ${file.missingParts.join(', ')} are missing. Download the model again.` }
  try {
    const description = await describeModel(file.parts.map((part) => join(dirname(file.path), basename(part))))
    const sizeClass = sizeClassOf(description.parametersB)
    return { ...open, problem: undefined, description, doubt: nameDoubt(file.file, description, entry), sizeClass, isWithinRule: withinRule(file.bytes, sizeClass) }
  } catch (error) {
    return { ...open, problem: (error as Error).message }
  }
}

/** A name that finds this very file: of two that could have the same one, the second is called by its file. */
function nameFor({ file, name, path }: ModelFile, lookup: Lookup): string {
  const id = entryOf(file, lookup.catalogue)?.id
  return [id, name].find((choice) => choice !== undefined && findModel(choice, lookup) === path) ?? file
}

/** Models that .config.json names outside the folder's first level. */
function listedElsewhere(folder: string, { available_models: listed = [] }: FolderConfiguration): ModelFile[] {
  return listed.filter(({ path }) => /[/\\]/.test(path) && dirname(resolve(folder, path)) !== folder && isFile(resolve(folder, path))).flatMap(({ path, name }) => {
    const found = modelFiles(dirname(resolve(folder, path))).find((model) => model.path === resolve(folder, path))
    return found === undefined ? [] : [{ ...found, name, file: path }]
  })
}

function configurationOf(folder: string): { configuration: FolderConfiguration, warnings: string[] } {
  try {
    return { configuration: readFolderConfiguration(folder), warnings: [] }
  } catch (error) {
    if (!(error instanceof FolderConfigurationError)) throw error
    return { configuration: {}, warnings: [error.message] }
  }
}

/** The models that .config.json gives a part to and that are not there. */
function missing(lookup: Lookup): string[] {
  const { default_model: main, fallback_model: fallback } = lookup.configuration
  return ([['default_model', main], ['fallback_model', fallback]] as const).flatMap(([field, name]) => {
    if (!name || findModel(name, lookup) !== undefined) return []
    return [`.config.json names ${name} as its ${field}, and it is not there. Get it, or choose another with: npx switch models use NAME${field === 'fallback_model' ? ' --fallback' : ''}`]
  })
}
