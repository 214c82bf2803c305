// Brings what lies beside the models of a folder up to date: README.md, .config.json and ollama_models/.
import { constants, copyFileSync, mkdirSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Catalogue } from './catalogue.ts'
import { readFolderConfiguration, writeFolderConfiguration } from './folder-configuration.ts'
import { folderRecord } from './folder-record.ts'
import type { FolderChoices } from './folder-record.ts'
import { describeFolder } from './model-folder.ts'
import type { ModelFolder } from './model-folder.ts'
import { linkForOllama } from './ollama-links.ts'

const readme = fileURLToPath(new URL('folder-readme.md', import.meta.url))

/**
 * Makes the folder where it is missing. Doing it again changes nothing.
 * @returns the folder as it is now
 * @throws FolderConfigurationError when .config.json makes no sense: it is left as it is
 * @throws Error when the folder cannot be written
 */
export async function prepareFolder(folder: string, catalogue: Catalogue, choices: FolderChoices = {}): Promise<ModelFolder> {
  mkdirSync(resolve(folder), { recursive: true })
  const before = readFolderConfiguration(folder)
  const record = folderRecord(await describeFolder(folder, catalogue), choices)
  if (!isDeepStrictEqual(record, before)) writeFolderConfiguration(folder, record)
  writeReadme(folder)
  const described = await describeFolder(folder, catalogue)
  linkForOllama(described)
  return described
}

/** Somebody's own stays. */
function writeReadme(folder: string): void {
  try {
    copyFileSync(readme, join(folder, 'README.md'), constants.COPYFILE_EXCL)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}
