// What .config.json should say of a folder: its models as they were measured, and what people wrote there beside.
import { extname, resolve } from 'node:path'
import type { AvailableModel, FolderConfiguration } from './folder-configuration.ts'
import { isFile } from './folder-files.ts'
import { inGigabytes } from './folder-json.ts'
import type { FolderModel, ModelFolder } from './model-folder.ts'

/** The choices of `use`; what is undefined stays as it was, null is taken out. */
export type FolderChoices = { readonly default_model?: string | null, readonly fallback_model?: string | null }

export function folderRecord({ path, models, configuration }: ModelFolder, choices: FolderChoices = {}): FolderConfiguration {
  const { available_models: listed = [], default_model, fallback_model, framework = 'llama-cpp', ...rest } = configuration
  const main = choices.default_model === undefined ? default_model : choices.default_model ?? undefined
  const behind = choices.fallback_model === undefined ? fallback_model : choices.fallback_model ?? undefined
  const usable = models.filter(({ problem }) => problem === undefined)
  const taken = new Set(usable.map((model) => listedAs(model, path, listed)))
  return {
    available_models: [
      ...usable.map((model) => availableModel(model, listedAs(model, path, listed), isMain(model, main, choices))),
      ...listed.filter((entry) => !taken.has(entry) && !isGone(entry, path))
    ],
    ...main !== undefined && { default_model: main },
    ...behind !== undefined && { fallback_model: behind },
    framework,
    ...rest
  }
}

function availableModel(model: FolderModel, listed: AvailableModel | undefined, isRecommended: boolean): AvailableModel {
  const { description, bytes } = model
  return {
    ...listed,
    name: listed?.name ?? model.name,
    path: model.file,
    size_gb: inGigabytes(bytes),
    ...description?.nativeContext !== undefined && { context_length: description.nativeContext },
    ...description?.quantisation !== undefined && { quantization: description.quantisation.toLowerCase() },
    framework: listed?.framework ?? 'llama-cpp',
    recommended: isRecommended
  }
}

function listedAs({ path, name }: FolderModel, folder: string, listed: readonly AvailableModel[]): AvailableModel | undefined {
  return listed.find((entry) => resolve(folder, entry.path) === path) ?? listed.find((entry) => entry.name === name)
}

function isMain(model: FolderModel, main: string | undefined, choices: FolderChoices): boolean {
  return choices.default_model === undefined ? model.isDefault : model.name === main
}

/** Entries of other kinds, such as a name in Ollama, are not ours to judge. */
function isGone({ path }: AvailableModel, folder: string): boolean {
  return extname(path).toLowerCase() === '.gguf' && !isFile(resolve(folder, path))
}
