// .config.json of the model folder: readable, and naming models that are there.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Catalogue } from '../../models/catalogue.ts'
import { describeFolder } from '../../models/model-folder.ts'
import { ok, skipped, warning } from '../finding.ts'
import type { Finding } from '../finding.ts'

export async function checkFolderConfiguration(folder: string, catalogue: Catalogue): Promise<Finding> {
  const { path, warnings, configuration, models } = await describeFolder(folder, catalogue)
  const file = join(path, '.config.json')
  if (!existsSync(file)) return skipped(`${file} is not there: the best model of the folder answers.`)
  const facts = { path: file, models: models.length, default_model: configuration.default_model ?? null, fallback_model: configuration.fallback_model ?? null }
  if (warnings.length > 0) return warning(warnings.join(' '), configuration.default_model === undefined && models.length === 0 ? `mv ${file} ${file}.old` : 'npx switch models use NAME', facts)
  return ok(`${file} is understood: default ${configuration.default_model ?? 'none'}, fallback ${configuration.fallback_model ?? 'none'}.`, facts)
}
