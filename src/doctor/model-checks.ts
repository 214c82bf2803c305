// What is asked of the local models: their folder, their files, and whether they fit in memory.
import { embeddedModelPath, readCatalogue } from '../models/catalogue.ts'
import { modelFiles } from '../models/folder-files.ts'
import { checkEmbeddedModel } from './checks/embedded-model.ts'
import { checkFolder, folderState } from './checks/folder.ts'
import { checkFolderConfiguration } from './checks/folder-configuration.ts'
import { checkModelFile } from './checks/model-file.ts'
import { checkModelMemory } from './checks/model-memory.ts'
import { skipped } from './finding.ts'
import { localSpecs } from './ground.ts'
import type { Ground } from './ground.ts'
import type { Check } from './run-checks.ts'

/** Longest time to read all of a model from a slow disk. */
const verifyMs = 30 * 60_000
/** Headers of many files, perhaps over a network. */
const readMs = 60_000
const modelBytes = 2.5e9

export function modelChecks(ground: Ground): Check[] {
  const { config, machine } = ground
  const hasModels = modelFiles(config.HERMES_MODEL_DIR).length > 0
  const use = { setting: 'HERMES_MODEL_DIR', withoutWriting: 'Models that lie there are used, and none can be pulled.', neededBytes: hasModels ? 0 : modelBytes, neededFor: 'a model such as hermes-3b-q4' }
  return [
    { name: 'model folder', run: async () => checkFolder(await folderState(config.HERMES_MODEL_DIR), use, machine) },
    { name: 'folder .config.json', timeoutMs: readMs, run: () => checkFolderConfiguration(config.HERMES_MODEL_DIR, readCatalogue()) },
    ...fileChecks(ground),
    { name: 'model memory', timeoutMs: readMs, run: () => checkModelMemory(localSpecs(ground), config.HERMES_MAX_MEMORY_MB, machine) },
    { name: 'embedded model', run: () => checkEmbeddedModel(embeddedModelPath(readCatalogue())) }
  ]
}

function fileChecks(ground: Ground): Check[] {
  const { specs, config, isVerifying } = ground
  const hasOthers = specs.backends.some(({ type }) => type !== 'llama-cpp')
  const found = localSpecs(ground).map((spec): Check => ({
    name: nameFor(spec.name), timeoutMs: isVerifying ? verifyMs : readMs,
    run: () => checkModelFile(spec, { catalogue: readCatalogue(), isVerifying, hasOthers })
  }))
  const missing: Check[] = [
    { name: 'model', run: () => skipped('No backend runs a model in the engine of Switch.') },
    { name: 'fallback model', run: () => skipped(config.HERMES_FALLBACK_MODEL === undefined ? 'HERMES_FALLBACK_MODEL is not set.' : 'HERMES_FALLBACK_MODEL is not for the engine of Switch.') }
  ]
  return [...found, ...missing.filter(({ name }) => !found.some((check) => check.name === name || (name === 'model' && found.length > 0)))]
}

function nameFor(backend: string): string {
  if (backend === 'hermes') return 'model'
  return backend === 'hermes-fallback' ? 'fallback model' : `model of ${backend}`
}
