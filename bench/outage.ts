// npm run bench:outage [-- SECONDS]: one request a second through an outage of the upstream, and how soon the upstream is used again after it.
import { setTimeout as sleep } from 'node:timers/promises'
import { startFakeUpstream } from '../src/drill/fake-upstream/server.ts'
import type { Fault } from '../src/drill/fake-upstream/faults.ts'
import { infer } from './support/infer.ts'
import type { Outcome } from './support/infer.ts'
import { median, quantile, tally } from './support/statistics.ts'
import { asRemote, startSwitch } from './support/switch-process.ts'
import { expectAtMost, judge } from './support/targets.ts'

const outageSeconds = Number(process.argv[2] ?? 60)
const mostAttempts = 10
const mostRecoverySeconds = 10
/** After the outage, when nothing has come back, the run ends. */
const giveUpSeconds = 30

type Outage = { readonly fault: Fault, readonly during: readonly Outcome[], readonly seenByUpstream: number, readonly recoverySeconds: number }

console.log(`an outage of ${outageSeconds} s, one request a second, the embedded model behind, Node ${process.versions.node}`)
// Side by side: each has its own Switch and its own upstream, and both are idle nearly all the time.
for (const outage of await Promise.all([suffer('status-500'), suffer('refused')])) report(outage)

async function suffer(fault: Fault): Promise<Outage> {
  const upstream = await startFakeUpstream()
  const service = await startSwitch({ upstream: asRemote(upstream.url), hasLocalModel: true })
  const request = () => infer(service.url, { prompt: 'What is the capital of France?', max_tokens: 64, timeout_seconds: 5 })
  try {
    const before = await request()
    if (before.source !== 'openai') throw new Error(`Before the outage ${before.source ?? before.code} answered, not openai`)
    await upstream.setFault(fault)
    const seenBefore = upstream.requests.length
    const during = await eachSecond(outageSeconds, request)
    const seenByUpstream = upstream.requests.length - seenBefore
    await upstream.setFault('none')
    return { fault, during, seenByUpstream, recoverySeconds: await recovery(request) }
  } finally {
    await Promise.all([service.stop(), upstream.close()])
  }
}

/** Starts one a second, whether or not the one before has ended. */
async function eachSecond(seconds: number, request: () => Promise<Outcome>): Promise<Outcome[]> {
  const outcomes: Promise<Outcome>[] = []
  const start = performance.now()
  for (let second = 0; second < seconds; second++) {
    outcomes.push(request())
    await sleep(Math.max(0, start + (second + 1) * 1000 - performance.now()))
  }
  return Promise.all(outcomes)
}

/** Seconds until an answer is the upstream's own again. */
async function recovery(request: () => Promise<Outcome>): Promise<number> {
  const start = performance.now()
  const elapsed = () => (performance.now() - start) / 1000
  while (elapsed() < giveUpSeconds) {
    const { source } = await request()
    if (source === 'openai') return elapsed()
    await sleep(1000)
  }
  return Infinity
}

function report({ fault, during, seenByUpstream, recoverySeconds }: Outage): void {
  const made = during.flatMap(({ attempts }) => attempts).filter(({ backend, outcome }) => backend === 'openai' && outcome !== 'skipped')
  const walls = during.map(({ wallMs }) => wallMs)
  console.log(`\n${fault}: ${during.length} requests, answered by ${tally(during.map(({ source, code }) => source ?? code ?? 'nobody'))}; median ${median(walls).toFixed(0)} ms, worst ${quantile(walls, 1).toFixed(0)} ms`)
  console.log(`  requests that reached the upstream: ${seenByUpstream}; attempts on the receipts: ${made.length} (${tally(made.map(({ reason }) => reason ?? 'success'))})`)
  expectAtMost(`attempts at the failing backend, ${fault}`, Math.max(made.length, seenByUpstream), mostAttempts, '')
  judge(during.every(({ source }) => source !== undefined), `every request was answered, ${fault}`)
  expectAtMost(`the upstream answers again after the outage, ${fault}`, recoverySeconds, mostRecoverySeconds, ' s')
}
