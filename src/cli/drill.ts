// switch drill: how this configuration behaves when its remote backend fails in every known way.
import { drill } from '../drill/drill.ts'
import type { DrillRow } from '../drill/drill.ts'
import { createLogger } from '../observability/logger.ts'
import { readConfiguration, readEnvironment } from './settings.ts'

export type DrillCommandOptions = { json?: boolean, realTimes?: boolean }

export async function runDrill({ json = false, realTimes = false }: DrillCommandOptions): Promise<void> {
  const configuration = await readConfiguration(readEnvironment())
  if (!json) console.log('Each fault once streamed and once plain; the local model is played by switch-tiny.\n')
  const rows = await drill(configuration, await createLogger({ LOG_LEVEL: 'SILENT' }), { realTimes, ...(!json && { onRow: printRow }) })
  const count = (result: DrillRow['result']) => rows.filter((row) => row.result === result).length
  const totals = { pass: count('pass'), partial: count('partial'), fail: count('fail') }
  if (json) console.log(JSON.stringify({ ...totals, rows }, null, 2))
  else console.log(`\n${totals.pass} pass, ${totals.partial} partial, ${totals.fail} fail`)
  process.exitCode = totals.pass === rows.length ? 0 : 1
}

function printRow({ name, mode, result, why, durationMs, attempts }: DrillRow): void {
  console.log(`${result.padEnd(8)}${mode.padEnd(8)}${name.padEnd(36)}${`${durationMs} ms`.padStart(8)}  ${why}  (${attempts})`)
}
