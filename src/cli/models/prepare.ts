// switch models prepare: the papers of a model folder after what lies there.
import { folderModelJson } from '../../models/folder-json.ts'
import { prepareFolder } from '../../models/prepare-folder.ts'
import { runVerb } from './folder.ts'
import type { FolderOptions } from './folder.ts'

export async function prepare(options: FolderOptions): Promise<void> {
  await runVerb(options, async ({ folder: { path }, catalogue }) => {
    const { models } = await prepareFolder(path, catalogue)
    if (options.json) console.log(JSON.stringify({ folder: path, models: models.map(folderModelJson) }, null, 2))
    else console.log(`${path}: README.md, .config.json and ollama_models/ are up to date (${models.length === 1 ? '1 model' : `${models.length} models`}).`)
  })
}
