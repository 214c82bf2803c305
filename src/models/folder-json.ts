// A model of the folder, and one of the catalogue, as JSON for people's tools.
import type { CatalogueEntry } from './catalogue.ts'
import type { FolderModel } from './model-folder.ts'
import { isEntryWithinRule } from './size-rule.ts'

/** One model that lies in the folder. */
export function folderModelJson({ name, file, parts, bytes, entry, description, problem, doubt, sizeClass, isWithinRule, isDefault, isFallback }: FolderModel) {
  return {
    name,
    file,
    parts: parts.length,
    size_bytes: bytes,
    size_gb: inGigabytes(bytes),
    architecture: description?.architecture,
    parameters_b: description && Number(description.parametersB.toFixed(3)),
    quantisation: description?.quantisation,
    native_context: description?.nativeContext,
    licence: doubt === undefined ? entry?.licence : undefined,
    catalogue_id: entry?.id,
    size_class: sizeClass,
    within_rule: isWithinRule,
    is_default: isDefault,
    is_fallback: isFallback,
    problem,
    warning: doubt
  }
}

/** One model that can be pulled. */
export function catalogueModelJson(entry: CatalogueEntry, isInstalled: boolean) {
  return { ...entry, within_rule: isEntryWithinRule(entry), is_installed: isInstalled }
}

/** GB of 10^9 bytes. */
export function inGigabytes(bytes: number): number {
  return Number((bytes / 1e9).toFixed(3))
}
