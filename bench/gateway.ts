// npm run bench:gateway [-- ROUNDS]: CPU time of one proxied request, Switch beside a bare undici proxy and a peer; then of one streamed answer, read in three ways.
import { callFor } from './gateway/caller.ts'
import type { Way } from './gateway/consumer.ts'
import { startBare, startPortkey, startSwitchSubject } from './gateway/subjects.ts'
import type { Subject } from './gateway/subjects.ts'
import { ask, end, forkBench } from './support/child.ts'
import { cpuMs } from './support/cpu-time.ts'
import { median, quantile } from './support/statistics.ts'
import { expectAtMost } from './support/targets.ts'

const rounds = Number(process.argv[2] ?? 5)
const load = { concurrency: 8, ms: 2000 }
const mostTimesBare = 1.6
const modes = [
  { name: 'plain JSON', isStreamed: false, paceMs: 0 },
  { name: 'streamed, words as fast as possible', isStreamed: true, paceMs: 0 },
  { name: 'streamed, a word every 2 ms', isStreamed: true, paceMs: 2 }
]
const ways: Way[] = ['undici', 'backend', 'openai']

/** CPU milliseconds per request of one subject in one mode, a figure for each round. */
type Figures = Map<string, number[]>

const { child: upstream, ready } = await forkBench<{ url: string }>('gateway/fast-upstream.ts')
console.log(`CPU time per request (user and system, all threads), ${load.concurrency} callers at once, 64 words, ${rounds} interleaved rounds of ${load.ms / 1000} s, Node ${process.versions.node}`)
await compareProxies()
await compareReaders()
await end(upstream)

async function compareProxies(): Promise<void> {
  const subjects = [await startBare(ready.url), await startSwitchSubject(ready.url), await startPortkey(ready.url)].filter((subject) => subject !== undefined)
  const figures = await measure(modes, subjects, async (subject, { isStreamed }) => isStreamed && !subject.canStream ? undefined : measureProxy(subject, isStreamed))
  for (const mode of modes) {
    console.log(`\n${mode.name}`)
    print(mode.name, subjects.map(({ name }) => name), figures)
  }
  const ofPlain = ratios(figures.get('Switch, plain JSON')!, figures.get('bare undici, streamed, words as fast as possible')!)
  console.log(`\nSwitch always asks the upstream for a stream. Its plain answer beside the bare proxy's streamed one: x${median(ofPlain).toFixed(2)}`)
  for (const { name } of modes) expectAtMost(`Switch beside the bare proxy, ${name}`, median(ratios(figures.get(`Switch, ${name}`)!, figures.get(`bare undici, ${name}`)!)), mostTimesBare, ' times')
  await Promise.all(subjects.map((subject) => subject.stop()))
}

async function compareReaders(): Promise<void> {
  const readers = await Promise.all(ways.map(async (name) => ({ name, child: (await forkBench('gateway/consumer.ts', [name, ready.url])).child })))
  const streamed = modes.filter(({ isStreamed }) => isStreamed)
  const figures = await measure(streamed, readers, async ({ child }) => {
    const used = await ask<{ cpuMs: number, requests: number }>(child, load)
    return used.cpuMs / used.requests
  })
  for (const mode of streamed) {
    console.log(`\nreading one answer, ${mode.name} (undici: bytes only, backend: OpenAiBackend, openai: the official package)`)
    print(mode.name, ways, figures)
  }
  await Promise.all(readers.map(({ child }) => end(child)))
}

/** Every mode of every subject in each round, so that what else the machine does meets all of them. The first round warms up. */
async function measure<Named extends { name: string }, Mode extends { name: string, paceMs: number }>(various: readonly Mode[], subjects: readonly Named[], one: (subject: Named, mode: Mode) => Promise<number | undefined>): Promise<Figures> {
  const figures: Figures = new Map()
  for (let round = 0; round <= rounds; round++) {
    for (const mode of various) {
      await ask(upstream, { paceMs: mode.paceMs })
      for (const subject of subjects) {
        const figure = await one(subject, mode)
        const key = `${subject.name}, ${mode.name}`
        if (round > 0 && figure !== undefined) figures.set(key, [...figures.get(key) ?? [], figure])
      }
    }
  }
  return figures
}

async function measureProxy({ pid, url, call }: Subject, isStreamed: boolean): Promise<number> {
  const before = cpuMs(pid)
  const answers = await callFor(url, call(isStreamed), load)
  return (cpuMs(pid) - before) / answers
}

/** The first name is what the others are compared with. */
function print(mode: string, names: readonly string[], figures: Figures): void {
  const reference = figures.get(`${names[0]}, ${mode}`)!
  for (const name of names) {
    const own = figures.get(`${name}, ${mode}`)
    if (own === undefined) continue
    const spread = `${quantile(own, 0).toFixed(3)} to ${quantile(own, 1).toFixed(3)}`
    console.log(`  ${name.padEnd(20)} ${median(own).toFixed(3)} ms (${spread})  x${median(ratios(own, reference)).toFixed(2)}`)
  }
}

/** Round by round. */
function ratios(own: readonly number[], reference: readonly number[]): number[] {
  return own.map((figure, round) => figure / reference[round]!)
}
