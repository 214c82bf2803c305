// npm run bench:soak [-- --requests N]: a thousand requests of every kind at the local engine; nobody gets another's answer, no slot and no memory is lost.
import { parseArgs } from 'node:util'
import { call } from './soak/caller.ts'
import type { Reply } from './soak/caller.ts'
import { coldAnswers } from './soak/cold-answers.ts'
import { engineOf, residentMb } from './soak/engine-of.ts'
import { judgeReply } from './soak/judgement.ts'
import { plan } from './soak/plan.ts'
import type { Call, Task } from './soak/plan.ts'
import { longest } from './soak/questions.ts'
import { tally } from './support/statistics.ts'
import { startSwitch } from './support/switch-process.ts'
import type { SwitchProcess } from './support/switch-process.ts'
import { expectAtMost, judge } from './support/targets.ts'

const callers = 8
const slots = 4
const memoryStep = 100
const mostGrowth = 1.1
/** A prompt beside others must give what it gives alone. */
const env = { HERMES_MAX_CONCURRENT: String(slots), HERMES_DETERMINISTIC: 'true', HERMES_CONTEXT_LENGTH: '2048' }

type Health = { status: string, queue: { running: number, waiting: number }, backends: { restarts: number }[] }
type Ended = { readonly call: Call, readonly reply: Reply }

const { values } = parseArgs({ options: { requests: { type: 'string', default: '1000' } } })
const requests = Number(values.requests)
if (!Number.isInteger(requests) || requests < memoryStep) throw new Error(`--requests ${values.requests}: give a whole number from ${memoryStep}`)

console.log(`${requests} requests, ${callers} callers at once, ${slots} slots, Node ${process.versions.node}`)
const cold = await coldAnswers(env)
console.log(`${cold.size} different questions, each asked alone first, in a fresh engine`)
const service = await startSwitch({ hasLocalModel: true, env })
try {
  await soak(service)
} finally {
  await service.stop()
}

async function soak({ url, pid }: SwitchProcess): Promise<void> {
  const enginePid = engineOf(pid)!
  const megabytes: number[] = []
  const start = performance.now()
  const ended = await run(url, plan(requests), (count) => {
    if (count % memoryStep === 0) megabytes.push(residentMb(enginePid))
  })
  console.log(`done in ${((performance.now() - start) / 1000).toFixed(0)} s`)
  reportReplies(ended)
  console.log(`memory of the engine after each ${memoryStep} requests: ${megabytes.map((value) => value.toFixed(0)).join(', ')} MB`)
  expectAtMost(`memory after the last request, as a multiple of that after ${memoryStep}`, residentMb(enginePid) / megabytes[0]!, mostGrowth, '')
  await judgeSlots(url)
  const { status, backends } = await healthOf(url)
  judge(status === 'ok' && backends[0]!.restarts === 0 && engineOf(pid) === enginePid, 'the service is well, with the engine that it began with')
}

/** Each caller takes the next task when its last one has ended. */
async function run(url: string, tasks: Task[], onEnd: (count: number) => void): Promise<Ended[]> {
  const ended: Ended[] = []
  const caller = async () => {
    for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) {
      for (const next of task) onEnd(ended.push({ call: next, reply: await call(url, next) }))
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
  return ended
}

function reportReplies(ended: readonly Ended[]): void {
  const judged = ended.map(({ call: made, reply }) => ({ made, reply, ...judgeReply(made, reply, cold) }))
  const withText = judged.filter(({ isExact }) => isExact !== undefined)
  const whole = withText.filter(({ reply }) => reply.ending === 'done')
  const kindOf = (made: Call) => made.fate === 'hang up' ? `hang up (${made.hangUp.when})` : made.fate
  console.log(`  planned: ${tally(ended.map(({ call: made }) => kindOf(made)))}`)
  console.log(`  ended: ${tally(ended.map(({ reply }) => reply.ending === 'error' ? reply.code! : reply.ending))}`)
  console.log(`  ${whole.length} whole answers and ${withText.length - whole.length} beginnings compared`)
  for (const { made, reply } of judged.filter(({ isAsPlanned, isExact, isCrossTalk }) => !isAsPlanned || isExact === false || isCrossTalk).slice(0, 10)) console.log(`    ${kindOf(made)}, ${made.fate === 'refused' ? made.code : made.question.name}: ${reply.ending} ${reply.code ?? ''} ${JSON.stringify(reply.text)}`)
  const count = (what: readonly { isExact: boolean | undefined }[]) => `${what.filter(({ isExact }) => isExact).length} of ${what.length}`
  judge(judged.every(({ isAsPlanned }) => isAsPlanned), `every request ended as it should (${judged.filter(({ isAsPlanned }) => isAsPlanned).length} of ${judged.length})`)
  expectAtMost('answers with the words of another', judged.filter(({ isCrossTalk }) => isCrossTalk).length, 0, '')
  judge(withText.every(({ isExact }) => isExact), `every answer is exactly the one that the model gives alone (${count(withText)})`)
}

/** As many long answers at once as there are slots: all run together, and nobody waits. */
async function judgeSlots(url: string): Promise<void> {
  // A caller that hung up last may be gone before its slot is free.
  const isIdle = await until(async () => {
    const { queue } = await healthOf(url)
    return queue.running === 0 && queue.waiting === 0
  })
  const asked = Array.from({ length: slots }, () => call(url, { fate: 'answer', question: longest, messages: longest.messages, isStreamed: true, fields: {} }))
  let together = false
  const watch = setInterval(async () => {
    const { queue } = await healthOf(url)
    together ||= queue.running === slots && queue.waiting === 0
  }, 5)
  const replies = await Promise.all(asked)
  clearInterval(watch)
  judge(isIdle, 'nothing runs after the last request')
  judge(together && replies.every(({ text }) => text === cold.get(longest.name)), `${slots} requests run at once: no slot is lost`)
}

/** False when it does not become true within a second. */
async function until(probe: () => Promise<boolean>): Promise<boolean> {
  const giveUpAt = performance.now() + 1000
  while (!await probe()) {
    if (performance.now() > giveUpAt) return false
  }
  return true
}

async function healthOf(url: string): Promise<Health> {
  return await (await fetch(`${url}/switch/health`)).json() as Health
}
