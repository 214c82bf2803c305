// The model file of a local backend: whether it is there, can be read, is whole and is what its name says.
import { basename, dirname } from 'node:path'
import type { LlamaCppSpec } from '../../config/specs.ts'
import type { Catalogue } from '../../models/catalogue.ts'
import { describeFolder } from '../../models/model-folder.ts'
import type { FolderModel } from '../../models/model-folder.ts'
import { gigabytes } from '../../models/size-rule.ts'
import { verifyModel } from '../../models/verify-model.ts'
import { ok, problem, warning } from '../finding.ts'
import type { Facts, Finding } from '../finding.ts'

export type ModelFileOptions = {
  readonly catalogue: Catalogue
  /** True: the whole file is read for its checksum. */
  readonly isVerifying: boolean
  /** True where another backend answers without this one. */
  readonly hasOthers: boolean
}

export async function checkModelFile({ choice, wanted }: LlamaCppSpec, options: ModelFileOptions): Promise<Finding> {
  const setting = wanted.isFallback ? 'HERMES_FALLBACK_MODEL' : 'HERMES_MODEL_NAME'
  if ('problem' in choice) return absent(choice.problem, setting, wanted.name === 'auto' && options.hasOthers, options.catalogue)
  if (choice.isEmbedded) return embedded(choice.name, wanted.name, options.catalogue)
  const { models } = await describeFolder(dirname(choice.path), options.catalogue)
  const model = models.find(({ path }) => path === choice.path)
  if (model === undefined) return problem(`${choice.path} cannot be read.`, `Check its permissions: ls -l ${choice.path}`)
  return found(model, options, setting)
}

/** What `auto` does not find is a lack; what was named is a mistake. */
function absent(why: string, setting: string, isLack: boolean, { models }: Catalogue): Finding {
  const advice = /npx switch \S.*?(?=\. |\.$|$)/.exec(why)?.[0] ?? `npx switch models pull ${models[0]?.id ?? 'NAME'}\nor set ${setting} to a model that is there: npx switch models list`
  return isLack ? warning(why, advice) : problem(why, advice)
}

function embedded(name: string, wanted: string, { models }: Catalogue): Finding {
  const facts = { name, is_embedded: true }
  if (wanted !== 'auto') return ok(`${name}, the embedded demo model, was named and answers.`, facts)
  return warning(`${name} answers, the embedded demo model that knows little: no other model lies in the model folder.`, `npx switch models pull ${models[0]?.id ?? 'NAME'}`, facts)
}

async function found(model: FolderModel, { isVerifying }: ModelFileOptions, setting: string): Promise<Finding> {
  const { name, path, bytes, description, problem: unusable, doubt, entry } = model
  const facts: Facts = { name, path, bytes, quantisation: description?.quantisation ?? null, parameters_b: description === undefined ? null : Number(description.parametersB.toFixed(3)) }
  if (unusable !== undefined) return problem(unusable, againOrOther(model, setting), facts)
  if (doubt !== undefined) return warning(`${doubt}.`, againOrOther(model, setting), facts)
  const what = `${name} (${basename(path)}, ${gigabytes(bytes)}, ${description?.quantisation ?? 'of unknown quantisation'})`
  if (!isVerifying) return ok(`${what}: header and length are right.${entry?.sha256 ? ' Its checksum is compared with --verify alone, because that reads the whole file.' : ''}`, facts)
  const { is_good, checked, reason, sha256 } = await verifyModel(model)
  const verified = { ...facts, checked, sha256: sha256 ?? null }
  return is_good ? ok(`${what}: ${reason}.`, verified) : problem(`${what}: ${reason}.`, againOrOther(model, setting), verified)
}

function againOrOther({ name, entry }: FolderModel, setting: string): string {
  return entry === undefined ? `Put the right file there, or set ${setting} to another model: npx switch models list` : `npx switch models pull ${name} --force`
}
