// npm run bench:metrics [-- ROUNDS]: CPU time of one streamed request through Switch, measured and not measured, in turn.
import type { ChildProcess } from 'node:child_process'
import { callFor } from './gateway/caller.ts'
import { ask, end, forkBench } from './support/child.ts'
import { cpuMs } from './support/cpu-time.ts'
import { median, quantile } from './support/statistics.ts'
import { expectAtMost } from './support/targets.ts'

type Subject = { readonly name: string, readonly child: ChildProcess, readonly url: string }

const rounds = Number(process.argv[2] ?? 9)
const load = { concurrency: 8, ms: 2000 }
const mostTimes = 1.05
const call = { path: '/switch/infer', headers: {}, body: JSON.stringify({ prompt: 'Count to sixty-four.', stream: true }), has: '"finish_reason":"stop"' }

console.log(`CPU time per streamed request (user and system, all threads), ${load.concurrency} callers at once, 64 words, ${rounds} interleaved rounds of ${load.ms / 1000} s, Node ${process.versions.node}`)
const { child: upstream, ready } = await forkBench<{ url: string }>('gateway/fast-upstream.ts')
await ask(upstream, { paceMs: 0 })
const subjects = [await start('off'), await start('on')]
const figures = await measure()
const off = figures.get('off')!
for (const [name, own] of figures) console.log(`  metrics ${name.padEnd(4)} ${median(own).toFixed(3)} ms (${quantile(own, 0).toFixed(3)} to ${quantile(own, 1).toFixed(3)})`)
expectAtMost('CPU time with metrics beside without', median(figures.get('on')!.map((figure, round) => figure / off[round]!)), mostTimes, ' times')
await Promise.all([...subjects.map(({ child }) => end(child)), end(upstream)])

async function start(name: string): Promise<Subject> {
  const { child, ready: { url } } = await forkBench<{ url: string }>('metrics/service.ts', [ready.url, name])
  return { name, child, url }
}

/** The first of a round is the second of the next, so that neither gains by its place. The first round warms up. */
async function measure(): Promise<Map<string, number[]>> {
  const found = new Map<string, number[]>(subjects.map(({ name }) => [name, []]))
  for (let round = 0; round <= rounds; round++) {
    for (const { name, child, url } of round % 2 === 0 ? subjects : subjects.toReversed()) {
      const before = cpuMs(child.pid!)
      const answers = await callFor(url, call, load)
      if (round > 0) found.get(name)!.push((cpuMs(child.pid!) - before) / answers)
    }
  }
  return found
}
