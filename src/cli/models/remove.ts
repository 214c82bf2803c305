// switch models remove: deletes a model and what was written of it.
import { rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { findModel } from '../../models/find-model.ts'
import { readFolderConfiguration } from '../../models/folder-configuration.ts'
import type { FolderModel } from '../../models/model-folder.ts'
import { prepareFolder } from '../../models/prepare-folder.ts'
import { gigabytes } from '../../models/size-rule.ts'
import { VerbFailed, modelNamed, runVerb } from './folder.ts'
import type { FolderGround, FolderOptions } from './folder.ts'

export type RemoveOptions = FolderOptions & { yes?: boolean, force?: boolean }

export async function remove(name: string, options: RemoveOptions): Promise<void> {
  await runVerb(options, async (ground) => {
    const { folder, catalogue } = ground
    const model = modelNamed(name, ground)
    refuse(model, ground, options)
    if (!options.yes && !await isConfirmed(model, options)) throw new VerbFailed(`${model.name} stays.`)
    // A file that makes no sense is found before anything is gone.
    readFolderConfiguration(folder.path)
    const choices = choicesWithout(model, ground)
    for (const part of model.parts) rmSync(join(folder.path, part))
    await prepareFolder(folder.path, catalogue, choices)
    if (options.json) console.log(JSON.stringify({ removed: model.name, files: model.parts, freed_bytes: model.bytes }, null, 2))
    else console.log(`${model.name} is removed from ${folder.path}: ${gigabytes(model.bytes)} are free again.`)
  })
}

function refuse({ name, path, isDefault }: FolderModel, { folder }: FolderGround, { force = false }: RemoveOptions): void {
  if (dirname(path) !== folder.path) throw new VerbFailed(`${name} does not lie in ${folder.path} itself but at ${path}. Delete it there.`)
  if (isDefault && !force) throw new VerbFailed(`${name} is the default model. Choose another with: npx switch models use NAME. Or remove it all the same with --force.`)
}

/** @throws VerbFailed where nobody can be asked */
async function isConfirmed({ name, parts, bytes }: FolderModel, { json = false }: RemoveOptions): Promise<boolean> {
  if (json || !process.stdin.isTTY || !process.stdout.isTTY) throw new VerbFailed('Nobody can be asked here: say --yes to remove it.', 2)
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  const answer = await terminal.question(`Delete ${name} (${parts.join(', ')}, ${gigabytes(bytes)})? [y/N] `).finally(() => terminal.close())
  return /^y(es)?$/i.test(answer.trim())
}

/** What .config.json says of the model is taken out with it. */
function choicesWithout({ path }: FolderModel, { folder, catalogue }: FolderGround): { default_model?: null, fallback_model?: null } {
  const { configuration } = folder
  const isIt = (name: string | undefined) => name !== undefined && findModel(name, { folder: folder.path, catalogue, configuration }) === path
  return { ...isIt(configuration.default_model) && { default_model: null }, ...isIt(configuration.fallback_model) && { fallback_model: null } }
}
