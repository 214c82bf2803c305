// The models that could be loaded: what lies in the model folder, and the one that ships with Switch.
import { statSync } from 'node:fs'
import { embeddedModelPath, readCatalogue } from '../../models/catalogue.ts'
import { describeFolder } from '../../models/model-folder.ts'
import type { FolderModel } from '../../models/model-folder.ts'

/** Null: not known. */
export type AvailableModel = {
  /** As POST /switch/models/load takes it. */
  name: string
  file: string
  size_bytes: number
  architecture: string | null
  parameters_b: number | null
  quantisation: string | null
  native_context: number | null
  within_rule: boolean | null
  is_default: boolean
  is_fallback: boolean
  /** Why it cannot be loaded; null when it can. */
  problem: string | null
  /** Where its name and its header disagree. */
  warning: string | null
}

export type AvailableModels = { readonly models: readonly AvailableModel[], readonly warnings: readonly string[] }

export async function availableModels(folder: string): Promise<AvailableModels> {
  const catalogue = readCatalogue()
  const { models, warnings } = await describeFolder(folder, catalogue)
  const path = embeddedModelPath(catalogue)
  const embedded: AvailableModel = {
    name: catalogue.embedded.id, file: catalogue.embedded.file, size_bytes: statSync(path).size, architecture: null, parameters_b: null, quantisation: null, native_context: null,
    within_rule: true, is_default: false, is_fallback: false, problem: null, warning: 'A demo that ships with Switch and knows little'
  }
  return { models: [...models.map(reportFile), ...models.some(({ name }) => name === embedded.name) ? [] : [embedded]], warnings }
}

function reportFile({ name, file, bytes, description, isWithinRule, isDefault, isFallback, problem, doubt }: FolderModel): AvailableModel {
  return {
    name, file, size_bytes: bytes,
    architecture: description?.architecture ?? null, parameters_b: description ? Math.round(description.parametersB * 1000) / 1000 : null,
    quantisation: description?.quantisation ?? null, native_context: description?.nativeContext ?? null,
    within_rule: isWithinRule ?? null, is_default: isDefault, is_fallback: isFallback, problem: problem ?? null, warning: doubt ?? null
  }
}
