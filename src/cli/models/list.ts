// switch models list: what lies in the model folder, measured, and what could.
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { embeddedModelPath } from '../../models/catalogue.ts'
import type { CatalogueEntry } from '../../models/catalogue.ts'
import { catalogueModelJson, folderModelJson } from '../../models/folder-json.ts'
import { describeModel } from '../../models/model-description.ts'
import type { FolderModel } from '../../models/model-folder.ts'
import { billions } from '../../models/name-doubt.ts'
import { gigabytes, isEntryWithinRule, ruleBroken } from '../../models/size-rule.ts'
import { runVerb } from './folder.ts'
import type { FolderGround, FolderOptions } from './folder.ts'
import { table } from './table.ts'

export type ListOptions = FolderOptions & { catalogue?: boolean }

const heading = ['NAME', 'SIZE', 'QUANTISATION', 'PARAMETERS', 'CONTEXT', 'LICENCE', 'WITHIN RULE', 'STATE']
const numbers = [1, 3, 4]

export async function list(options: ListOptions): Promise<void> {
  await runVerb(options, async (ground) => {
    if (options.json) console.log(JSON.stringify(asJson(ground, options), null, 2))
    else console.log(await asText(ground, options))
  })
}

function asJson(ground: FolderGround, { catalogue: withCatalogue = false }: ListOptions) {
  const { folder: { path, models, configuration }, catalogue } = ground
  return {
    folder: path,
    default_model: models.find(({ isDefault }) => isDefault)?.name ?? (isEmbeddedDefault(ground) ? catalogue.embedded.id : null),
    fallback_model: models.find(({ isFallback }) => isFallback)?.name ?? configuration.fallback_model ?? null,
    models: models.map(folderModelJson),
    ...withCatalogue && { catalogue: catalogue.models.map((entry) => catalogueModelJson(entry, isInstalled(entry, ground))) },
    warnings: warningsOf(ground)
  }
}

async function asText(ground: FolderGround, { catalogue: withCatalogue = false }: ListOptions): Promise<string> {
  const { folder: { path, isThere, models }, catalogue } = ground
  const available = withCatalogue ? catalogue.models.filter((entry) => !isInstalled(entry, ground)) : []
  const rows = [...models.map(installedRow), await embeddedRow(ground), ...available.map(availableRow)]
  return [
    isThere ? path : `${path} (not there yet)`,
    '',
    table([heading, ...rows], numbers),
    ...notes([...warningsOf(ground), ...available.map(({ id, note }) => `${id}: ${note}`)]),
    ...models.length === 0 && !withCatalogue ? ['', 'No model lies here. See what there is with: npx switch models list --catalogue'] : []
  ].join('\n')
}

function installedRow({ name, bytes, description, entry, isWithinRule, problem, doubt, isDefault, isFallback }: FolderModel): string[] {
  const states = [...problem === undefined ? ['installed'] : ['unusable'], ...isDefault ? ['default'] : [], ...isFallback ? ['fallback'] : []]
  return [
    name, gigabytes(bytes), description?.quantisation ?? '?', description === undefined ? '?' : billions(description.parametersB), String(description?.nativeContext ?? '?'),
    doubt === undefined ? entry?.licence ?? '?' : '?', isWithinRule === undefined ? '?' : yesOrNo(isWithinRule), states.join(', ')
  ]
}

async function embeddedRow(ground: FolderGround): Promise<string[]> {
  const { catalogue } = ground
  const path = embeddedModelPath(catalogue)
  const { quantisation, parametersB, nativeContext } = await describeModel([path])
  return [catalogue.embedded.id, gigabytes(statSync(path).size), quantisation ?? '?', billions(parametersB), String(nativeContext), 'MIT', 'yes', isEmbeddedDefault(ground) ? 'built in, default' : 'built in']
}

function availableRow(entry: CatalogueEntry): string[] {
  const { id, size_bytes, size_is_approximate, quantisation, parameters_b, native_context, licence } = entry
  return [id, size_bytes === null ? '?' : `${size_is_approximate ? '~' : ''}${gigabytes(size_bytes)}`, quantisation, billions(parameters_b), String(native_context), licence, yesOrNo(isEntryWithinRule(entry)), 'available']
}

/** What people should know of what lies there, each a sentence. */
function warningsOf({ folder, catalogue, config }: FolderGround): string[] {
  return [
    ...folder.warnings,
    ...config.HERMES_FRAMEWORK === 'ollama' ? ['HERMES_FRAMEWORK is ollama: its models answer, not those of this folder.'] : [],
    ...config.HERMES_MODEL_NAME !== 'auto' && resolve(config.HERMES_MODEL_DIR) === folder.path ? [`HERMES_MODEL_NAME is ${config.HERMES_MODEL_NAME}: that answers, whatever the default is.`] : [],
    ...folder.models.flatMap(({ name, bytes, description, problem, doubt, isWithinRule }) => [
      ...problem === undefined ? [] : [problem],
      ...doubt === undefined ? [] : [`${doubt}.`],
      ...isWithinRule === false ? [`${ruleBroken(name, bytes, description!.parametersB, catalogue)}.`] : []
    ])
  ]
}

/** True where it was named: it stands in for nothing by itself. */
function isEmbeddedDefault({ folder: { models, configuration }, catalogue }: FolderGround): boolean {
  return configuration.default_model === catalogue.embedded.id && !models.some(({ isDefault }) => isDefault)
}

function isInstalled({ id }: CatalogueEntry, { folder }: FolderGround): boolean {
  return folder.models.some(({ name }) => name === id)
}

function notes(lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', ...lines.map((line) => `- ${line}`)]
}

function yesOrNo(value: boolean): string {
  return value ? 'yes' : 'no'
}
