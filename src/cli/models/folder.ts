// What the verbs of `switch models` share: the folder that they work on, a model in it, and how they fail.
import { readCatalogue } from '../../models/catalogue.ts'
import type { Catalogue } from '../../models/catalogue.ts'
import { describeFolder } from '../../models/model-folder.ts'
import type { FolderModel, ModelFolder } from '../../models/model-folder.ts'
import { nearNames } from '../../models/near-names.ts'
import type { Config } from '../../config/schema.ts'
import { readConfig, readEnvironment } from '../settings.ts'

export type FolderOptions = { dir?: string, json?: boolean }

export type FolderGround = { config: Config, catalogue: Catalogue, folder: ModelFolder }

/** A verb cannot go on. Exit code 1: it failed, 2: it was asked for something that there is not. */
export class VerbFailed extends Error {
  readonly exitCode: 1 | 2

  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message)
    this.exitCode = exitCode
  }
}

/** Runs a verb and turns whatever goes wrong into one line on standard error, or `{"error"}` with --json, and the exit code. */
export async function runVerb({ dir, json = false }: FolderOptions, verb: (ground: FolderGround) => Promise<void>): Promise<void> {
  const config = readConfig(readEnvironment())
  try {
    const catalogue = readCatalogue()
    await verb({ config, catalogue, folder: await describeFolder(dir ?? config.HERMES_MODEL_DIR, catalogue) })
  } catch (error) {
    const { message } = error as Error
    if (json) console.log(JSON.stringify({ error: message }, null, 2))
    else console.error(message)
    process.exitCode = error instanceof VerbFailed ? error.exitCode : 1
  }
}

/** The model of the folder that is called `name`. @throws VerbFailed that names what there is */
export function modelNamed(name: string, { folder, catalogue }: FolderGround): FolderModel {
  const found = folder.models.find((model) => model.name === name || model.file === name)
  if (found !== undefined) return found
  if (name === catalogue.embedded.id) throw new VerbFailed(`${name} ships with Switch and lies in no model folder.`, 2)
  if (catalogue.models.some(({ id }) => id === name)) throw new VerbFailed(`${name} is not in ${folder.path}. Get it with: npx switch models pull ${name}`)
  const known = [...folder.models.map((model) => model.name), ...catalogue.models.map(({ id }) => id)]
  const near = nearNames(name, known)
  const meant = near.length === 0 ? '' : ` Did you mean ${near.slice(0, 3).join(' or ')}?`
  throw new VerbFailed(`No model is called ${JSON.stringify(name)}.${meant} In ${folder.path}: ${folder.models.map((model) => model.name).join(', ') || 'nothing'}. In the catalogue: ${catalogue.models.map(({ id }) => id).join(', ')}.`, 2)
}
