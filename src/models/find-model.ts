// Where a model of a name lies, and what a model file is called.
import { basename, extname, resolve } from 'node:path'
import { embeddedModelPath } from './catalogue.ts'
import type { Catalogue, CatalogueEntry } from './catalogue.ts'
import { isFile, modelFiles, nameOf } from './folder-files.ts'
import type { FolderConfiguration } from './folder-configuration.ts'

export type Lookup = {
  /** Model folder. */
  readonly folder: string
  readonly catalogue: Catalogue
  readonly configuration: FolderConfiguration
}

/**
 * The file of a model.
 * @param name catalogue id, name in .config.json, file name with or without .gguf, or path
 */
export function findModel(name: string, lookup: Lookup): string | undefined {
  return candidates(name, lookup).find(isFile) ?? modelFiles(lookup.folder).find((model) => model.name === name && isFile(model.path))?.path
}

/** The catalogue's entry for a file of its own, or for one named after its id. */
export function entryOf(file: string, { models }: Catalogue): CatalogueEntry | undefined {
  return models.find((entry) => entry.file === file || entry.id === nameOf(file))
}

/** The catalogue's id for its own file names, else the file's name without .gguf. */
export function shortName(path: string, asked: string, catalogue: Catalogue): string {
  const file = basename(path)
  const known = [catalogue.embedded, ...catalogue.models].find((entry) => entry.id === asked || entry.file === file)
  return known?.id ?? nameOf(file)
}

/** Most specific first. */
function candidates(name: string, { folder, catalogue, configuration }: Lookup): string[] {
  const listed = configuration.available_models?.find((model) => model.name === name)?.path
  const entry = catalogue.models.find(({ id }) => id === name)
  const files = [listed, name, `${name}.gguf`, entry?.file].filter((file) => file !== undefined)
  const paths = files.map((file) => resolve(folder, file)).filter((path) => extname(path).toLowerCase() === '.gguf')
  return name === catalogue.embedded.id ? [...paths, embeddedModelPath(catalogue)] : paths
}
