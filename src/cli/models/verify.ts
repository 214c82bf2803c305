// switch models verify: whether the files are what they should be, and whole.
import { gigabytes } from '../../models/size-rule.ts'
import { verifyModel } from '../../models/verify-model.ts'
import type { Verdict } from '../../models/verify-model.ts'
import { modelNamed, runVerb } from './folder.ts'
import type { FolderOptions } from './folder.ts'

export async function verify(names: readonly string[], options: FolderOptions): Promise<void> {
  await runVerb(options, async (ground) => {
    const models = names.length === 0 ? ground.folder.models : names.map((name) => modelNamed(name, ground))
    const verdicts: Verdict[] = []
    for (const model of models) {
      if (process.stderr.isTTY) console.error(`${model.name}: reading ${gigabytes(model.bytes)} …`)
      const verdict = await verifyModel(model)
      verdicts.push(verdict)
      if (!options.json) console.log(`${verdict.is_good ? 'good' : 'bad '}  ${verdict.name}: ${verdict.reason}`)
    }
    if (options.json) console.log(JSON.stringify({ folder: ground.folder.path, models: verdicts }, null, 2))
    else if (models.length === 0) console.log(`No model lies in ${ground.folder.path}.`)
    process.exitCode = verdicts.every(({ is_good }) => is_good) ? 0 : 1
  })
}
