// npm run bench:engine-faults [-- --model PATH] [--callers N]: the engine is killed, stopped and starved of memory under load; nobody hangs, and it is soon back.
import { basename, dirname, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { engineFaults } from './engine-faults/faults.ts'
import type { EngineFault } from './engine-faults/faults.ts'
import { startLoad } from './engine-faults/load.ts'
import type { Outcome } from './engine-faults/load.ts'
import { recovery } from './engine-faults/recovery.ts'
import { engineOf } from './soak/engine-of.ts'
import { tally } from './support/statistics.ts'
import { startSwitch } from './support/switch-process.ts'
import { expectAtMost, judge, notMeasured } from './support/targets.ts'

/** Fewer than the callers, so that some wait when the fault comes. */
const slots = 4
const loadBeforeMs = 2000
const loadAfterMs = 1000
const mostOvershootMs = 250
/** From the fault to the next local answer, without the time that the model takes to load. */
const mostRecoveryMs = 5000
const giveUpMs = 120_000

const { values } = parseArgs({ options: { model: { type: 'string' }, callers: { type: 'string', default: '8' } } })
const callers = Number(values.callers)
if (!Number.isInteger(callers) || callers < 1) throw new Error(`--callers ${values.callers}: give a whole number from 1`)
const modelEnv = values.model === undefined ? {} : { HERMES_MODEL_DIR: dirname(resolve(values.model)), HERMES_MODEL_NAME: basename(values.model) }

console.log(`faults of the engine under ${callers} callers with deadlines of 5 to 10 s, ${slots} slots, model ${values.model ?? 'switch-tiny'}, Node ${process.versions.node}`)
for (const fault of engineFaults()) {
  if (fault.obstacle === undefined) await suffer(fault)
  else notMeasured(fault.name, fault.obstacle)
}

async function suffer(fault: EngineFault): Promise<void> {
  const service = await startSwitch({ hasLocalModel: true, env: { HERMES_MAX_CONCURRENT: String(slots), ...modelEnv } })
  try {
    const endLoad = startLoad(service.url, callers)
    await sleep(loadBeforeMs)
    const watching = recovery(service.url, giveUpMs)
    const struckAt = await fault.strike(engineOf(service.pid)!)
    const { noticedAt, readyAt } = await watching
    await sleep(loadAfterMs)
    report(fault.name, await endLoad(), { struckAt, noticedAt, readyAt })
  } finally {
    await service.stop()
  }
}

type Times = { readonly struckAt: number, readonly noticedAt: number, readonly readyAt: number }

function report(name: string, outcomes: readonly Outcome[], { struckAt, noticedAt, readyAt }: Times): void {
  const hit = outcomes.filter(({ endedAt }) => endedAt > struckAt)
  const overshoots = hit.map(({ startedAt, endedAt, deadlineMs }) => Math.max(0, endedAt - startedAt - deadlineMs))
  // Only answers that were asked for after the fault are certain to come from the new engine.
  const firstAnswerAt = Math.min(...hit.filter(({ startedAt, ending }) => startedAt > struckAt && ending === 'answer').map(({ endedAt }) => endedAt))
  const loadMs = readyAt - noticedAt
  console.log(`\n${name}: ${outcomes.length} requests, ${hit.length} of them ended after the fault: ${tally(hit.map(({ ending, code }) => code ?? ending))}`)
  console.log(`  noticed after ${(noticedAt - struckAt).toFixed(0)} ms, a new engine ready ${loadMs.toFixed(0)} ms later, next local answer ${(firstAnswerAt - struckAt).toFixed(0)} ms after the fault`)
  for (const { code } of hit.filter(({ ending }) => ending === 'broken').slice(0, 10)) console.log(`    broken: ${code}`)
  judge(outcomes.every(({ ending }) => ending !== 'broken'), `everybody gets an answer or a clean error, ${name}`)
  expectAtMost(`worst end after a deadline, ${name}`, Math.round(Math.max(...overshoots)), mostOvershootMs, ' ms')
  expectAtMost(`the next local answer, less the loading, ${name}`, Math.round(firstAnswerAt - struckAt - loadMs), mostRecoveryMs, ' ms')
}
