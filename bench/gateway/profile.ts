// node bin/run.js bench/gateway/profile.ts [plain|fast|paced]: where Switch spends its CPU time as a proxy, by function.
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ask, end, forkBench } from '../support/child.ts'
import { callFor } from './caller.ts'
import { startSwitchSubject } from './subjects.ts'

type Node = { readonly id: number, readonly callFrame: { readonly functionName: string, readonly url: string, readonly lineNumber: number } }
type Profile = { readonly nodes: readonly Node[], readonly samples: readonly number[], readonly timeDeltas: readonly number[] }

const mode = process.argv[2] ?? 'plain'
const load = { concurrency: 8, ms: 6000 }
const folder = mkdtempSync(join(tmpdir(), 'switch-profile-'))

const { child: upstream, ready } = await forkBench<{ url: string }>('gateway/fast-upstream.ts')
await ask(upstream, { paceMs: mode === 'paced' ? 2 : 0 })
const subject = await startSwitchSubject(ready.url, ['--cpu-prof', `--cpu-prof-dir=${folder}`])
const answers = await callFor(subject.url, subject.call(mode !== 'plain'), load)
await subject.stop()
await end(upstream)
const path = join(folder, readdirSync(folder).find((name) => name.endsWith('.cpuprofile'))!)
print(selfTimes(JSON.parse(readFileSync(path, 'utf8')) as Profile))
console.log(`\nThe whole profile, for the browser's tools: ${path}`)

/** Microseconds by place. */
function selfTimes({ nodes, samples, timeDeltas }: Profile): Map<string, number> {
  const places = new Map(nodes.map((node) => [node.id, placeOf(node)]))
  const times = new Map<string, number>()
  for (const [index, id] of samples.entries()) {
    const place = places.get(id)!
    times.set(place, (times.get(place) ?? 0) + timeDeltas[index]!)
  }
  return times
}

function placeOf({ callFrame: { functionName, url, lineNumber } }: Node): string {
  const file = url.replace(/^.*\/(?=(src|node_modules)\/)/, '')
  return `${functionName || '(anonymous)'} ${file && `${file}:${lineNumber + 1}`}`.trim()
}

function print(times: Map<string, number>): void {
  const busy = [...times].filter(([place]) => place !== '(idle)' && place !== '(program)' && place !== '(root)')
  const all = busy.reduce((sum, [, time]) => sum + time, 0)
  console.log(`${mode}: ${answers} answers, ${(all / 1000 / answers).toFixed(3)} ms of JavaScript each`)
  for (const area of ['src/', 'node_modules/', 'node:', '(garbage']) {
    console.log(`  ${area}: ${share(busy.filter(([place]) => place.includes(area)).reduce((sum, [, time]) => sum + time, 0), all)}`)
  }
  for (const [place, time] of busy.toSorted(([, a], [, b]) => b - a).slice(0, 40)) console.log(`${share(time, all)}  ${place}`)
}

function share(time: number, all: number): string {
  return `${(time / all * 100).toFixed(1).padStart(5)} %`
}
