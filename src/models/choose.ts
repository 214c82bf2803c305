// Decides which model a local backend runs, from the configuration and from what lies in the model folder.
import { embeddedModelPath } from './catalogue.ts'
import type { Catalogue } from './catalogue.ts'
import { findModel, shortName } from './find-model.ts'
import type { Lookup } from './find-model.ts'
import { readFolderConfiguration } from './folder-configuration.ts'
import type { FolderConfiguration } from './folder-configuration.ts'
import { modelFiles } from './folder-files.ts'

/** The model to run, or why there is none. */
export type ModelChoice =
  | { readonly name: string, readonly path: string, readonly isEmbedded: boolean }
  | { readonly name: string, readonly problem: string }

export type ChooseOptions = {
  /** HERMES_MODEL_NAME or HERMES_FALLBACK_MODEL. */
  name: string
  /** HERMES_MODEL_DIR. */
  folder: string
  /** The embedded model must not stand in for a remote backend unless it was named. */
  hasRemoteBackend: boolean
  catalogue: Catalogue
  /** True for the second local model: auto is then the folder's fallback_model and nothing else. False by default. */
  isFallback?: boolean
}

export function chooseModel(options: ChooseOptions): ModelChoice {
  const lookup = { ...options, configuration: configurationOf(options.folder) }
  if (options.name !== 'auto') return chooseNamed(options.name, lookup)
  return options.isFallback ? chooseFallback(lookup) : chooseAutomatically(lookup)
}

type ChooseLookup = ChooseOptions & Lookup

function chooseNamed(name: string, options: ChooseLookup): ModelChoice {
  const { catalogue } = options
  const path = findModel(name, options)
  if (path !== undefined) return { name: shortName(path, name, catalogue), path, isEmbedded: path === embeddedModelPath(catalogue) }
  return { name, problem: `Model ${name} was not found in ${options.folder}. ${adviceFor(name, options)}` }
}

function adviceFor(name: string, { catalogue, isFallback = false }: ChooseLookup): string {
  const setting = isFallback ? 'HERMES_FALLBACK_MODEL' : 'HERMES_MODEL_NAME'
  const how = catalogue.models.some(({ id }) => id === name) ? `Get it with: npx switch models pull ${name}. Or` : 'Put its GGUF file there, or'
  return `${how} set ${setting} to a model that is there.`
}

function chooseAutomatically(options: ChooseLookup): ModelChoice {
  const { folder, catalogue, hasRemoteBackend, configuration } = options
  const names = [...(configuration.default_model ? [configuration.default_model] : []), ...catalogue.models.map(({ id }) => id), ...filesBySize(folder)]
  for (const name of names) {
    const choice = chooseNamed(name, options)
    if ('path' in choice) return choice
  }
  if (!hasRemoteBackend) return { name: catalogue.embedded.id, path: embeddedModelPath(catalogue), isEmbedded: true }
  return { name: 'none', problem: `No local model is installed in ${folder}. Install one with: npx switch models pull ${catalogue.models[0]?.id ?? 'NAME'}. Or set HERMES_MODEL_NAME=${catalogue.embedded.id} to let the embedded demo model stand in.` }
}

function chooseFallback(options: ChooseLookup): ModelChoice {
  const name = options.configuration.fallback_model
  if (name) return chooseNamed(name, options)
  return { name: 'none', problem: `.config.json in ${options.folder} names no fallback_model, which HERMES_FALLBACK_MODEL=auto takes. Name one with: npx switch models use NAME --fallback` }
}

/** A broken file must not keep the service from starting: the verbs that write it say what is wrong. */
function configurationOf(folder: string): FolderConfiguration {
  try {
    return readFolderConfiguration(folder)
  } catch {
    return {}
  }
}

function filesBySize(folder: string): string[] {
  return modelFiles(folder).toSorted((a, b) => b.bytes - a.bytes).map(({ file }) => file)
}
