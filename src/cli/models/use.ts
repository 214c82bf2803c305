// switch models use: which model of the folder answers, now and from the next start.
import { resolve } from 'node:path'
import { prepareFolder } from '../../models/prepare-folder.ts'
import { changeOver } from './change-over.ts'
import type { ChangeOver } from './change-over.ts'
import { VerbFailed, modelNamed, runVerb } from './folder.ts'
import type { FolderGround, FolderOptions } from './folder.ts'

export type UseOptions = FolderOptions & { fallback?: boolean }

export async function use(name: string, options: UseOptions): Promise<void> {
  await runVerb(options, async (ground) => {
    const model = usableName(name, ground)
    const role = options.fallback ? 'fallback' : 'default'
    await prepareFolder(ground.folder.path, ground.catalogue, { [`${role}_model`]: model })
    const service = role === 'default' && isServed(ground) ? await changeOver(model, ground.config) : undefined
    const notes = notesOn(role, ground)
    if (options.json) console.log(JSON.stringify({ model, role, folder: ground.folder.path, service, notes }, null, 2))
    else report(model, role, service, notes, ground)
    if (service?.state === 'failed') process.exitCode = 1
  })
}

/** @throws VerbFailed for a model that is not there or cannot be loaded */
function usableName(name: string, ground: FolderGround): string {
  const { embedded } = ground.catalogue
  if (name === embedded.id && !ground.folder.models.some((model) => model.name === name)) return name
  const { name: found, problem } = modelNamed(name, ground)
  if (problem !== undefined) throw new VerbFailed(problem)
  return found
}

/** True where the service of this configuration takes its models from this folder. */
function isServed({ config, folder }: FolderGround): boolean {
  return config.HERMES_FRAMEWORK === 'llama-cpp' && resolve(config.HERMES_MODEL_DIR) === folder.path
}

/** What keeps the choice from being the whole truth, each a sentence. */
function notesOn(role: 'default' | 'fallback', { config, folder }: FolderGround): string[] {
  const { HERMES_MODEL_NAME: main, HERMES_FALLBACK_MODEL: behind, HERMES_FRAMEWORK: framework } = config
  if (framework === 'ollama') return ['HERMES_FRAMEWORK is ollama: the models of this folder are not used.']
  if (resolve(config.HERMES_MODEL_DIR) !== folder.path) return [`It holds for a service with HERMES_MODEL_DIR=${folder.path}.`]
  if (role === 'default') return main === 'auto' ? [] : [`HERMES_MODEL_NAME is ${main} and goes first at the next start: unset it, or set it to auto.`]
  return behind === 'auto' ? ['It holds from the next start.'] : [`HERMES_FALLBACK_MODEL is ${behind ?? 'not set'}: set it to auto, and it holds from the next start.`]
}

function report(model: string, role: 'default' | 'fallback', service: ChangeOver | undefined, notes: readonly string[], { folder }: FolderGround): void {
  console.log(`${model} is the ${role} model of ${folder.path}.`)
  if (service !== undefined) (service.state === 'failed' ? console.error : console.log)(service.message)
  for (const note of notes) console.log(note)
}
