// npm run bench:engine [-- OPTIONS]: the local engine beside llama.cpp's own programs and node-llama-cpp itself, all in one run.
import { findPrograms } from './engine/llama-cpp.ts'
import { prepareModel } from './engine/models.ts'
import type { ModelName } from './engine/models.ts'
import { readOptions } from './engine/options.ts'
import type { Options } from './engine/options.ts'
import { Report } from './engine/report.ts'
import { clearStage, setStage } from './engine/stage.ts'
import { end, spawnNode } from './support/child.ts'

const options = optionsOrExit()
const programs = await findPrograms()
const report = new Report(programs, options.rounds)
const others = Array.from({ length: options.busy }, () => spawnNode(['-e', 'for (;;);'], {}))
if (others.length > 0) console.log(`beside ${others.length} other program${others.length > 1 ? 's' : ''} that never rest${others.length > 1 ? '' : 's'}`)
for (const name of options.models) await measure(name)
await Promise.all(others.map(end))
report.judge()
if (options.json !== undefined) report.write(options.json)

async function measure(name: ModelName): Promise<void> {
  const model = await prepareModel(name, options.threads)
  report.begin(model)
  const stage = await setStage(model, programs, options)
  for (const scenario of options.only) await report.run(scenario, stage)
  await clearStage(stage)
}

function optionsOrExit(): Options {
  try {
    return readOptions(process.argv.slice(2))
  } catch (error) {
    console.error((error as Error).message)
    process.exit(2)
  }
}
