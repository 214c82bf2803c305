// ollama_models/ of a model folder: a link to each model under a short name, for the FROM line of a Modelfile.
import { existsSync, lstatSync, mkdirSync, readdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { FolderModel, ModelFolder } from './model-folder.ts'

const folderName = 'ollama_models'

/** Makes the links as the models are; files that are no links stay as they are. */
export function linkForOllama({ path, models }: ModelFolder): void {
  const folder = join(path, folderName)
  mkdirSync(folder, { recursive: true })
  const wanted = linksOf(models)
  for (const name of readdirSync(folder)) if (isStale(join(folder, name), wanted.get(name))) rmSync(join(folder, name))
  for (const [name, target] of wanted) if (!isThere(join(folder, name))) symlinkSync(target, join(folder, name))
}

/** hermes7b.gguf for hermes-7b-q4: the default first, so that it has the short name where two would. A split model is no single file. */
function linksOf(models: readonly FolderModel[]): Map<string, string> {
  const links = new Map<string, string>()
  const linked = models.filter(({ problem, parts, file }) => problem === undefined && parts.length === 1 && !/[/\\]/.test(file))
  for (const { name, file, entry } of linked.toSorted((a, b) => Number(b.isDefault) - Number(a.isDefault))) {
    const short = `${entry?.id === name ? name.replace(/-i?q\d.*$/, '').replaceAll('-', '') : name.replace(/\.gguf$/i, '')}.gguf`
    links.set(links.has(short) ? `${name}.gguf` : short, `../${file}`)
  }
  return links
}

/** A link that leads nowhere, or elsewhere than its name should. */
function isStale(link: string, target: string | undefined): boolean {
  return lstatSync(link).isSymbolicLink() && (!existsSync(link) || target !== undefined && readlinkSync(link) !== target)
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}
