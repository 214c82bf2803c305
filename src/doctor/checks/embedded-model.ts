// The model that ships with Switch: the drill and a first start depend on it.
import { stat } from 'node:fs/promises'
import { describeModel } from '../../models/model-description.ts'
import { gigabytes } from '../../models/size-rule.ts'
import { ok, problem, wordsOf } from '../finding.ts'
import type { Finding } from '../finding.ts'

export async function checkEmbeddedModel(path: string): Promise<Finding> {
  try {
    const [{ size }, { quantisation }] = await Promise.all([stat(path), describeModel([path])])
    return ok(`${path} is whole (${gigabytes(size)}, ${quantisation ?? 'of unknown quantisation'}).`, { path, bytes: size })
  } catch (error) {
    return problem(`The embedded model cannot be used: ${wordsOf(error)}`, `git checkout -- ${path}\nor install Switch anew`, { path })
  }
}
