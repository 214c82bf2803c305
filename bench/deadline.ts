// npm run bench:deadline: how long after its deadline a request ends, whatever the upstream does, with a model in the box and without.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { slowTasks, tasksOf } from './deadline/schedule.ts'
import type { Task } from './deadline/schedule.ts'
import { ask, end, forkBench } from './support/child.ts'
import { infer } from './support/infer.ts'
import type { Outcome } from './support/infer.ts'
import { quantile, tally } from './support/statistics.ts'
import { asRemote, startSwitch } from './support/switch-process.ts'
import { expectAtMost, judge } from './support/targets.ts'

/** Each lane has an upstream and a Switch of its own. One more has an upstream that speaks slower than the deadline allows. */
const lanes = 6
const mostOvershootMs = 100
const wordsOfAnswer = 60
/** Longer cool-downs are not waited for: only a person would end them. */
const longestCoolDownMs = 9000

type Lane = { readonly tasks: readonly Task[], readonly wordDelayMs: number }
type Measured = Outcome & { readonly fault: string, readonly overshootMs: number }

const lag = monitorEventLoopDelay({ resolution: 5 })
console.log(`six passes of requests with mixed faults, ${lanes + 1} at once, Node ${process.versions.node}; overshoot: last byte after the deadline`)
for (const hasLocalModel of [true, false]) {
  console.log(`\n${hasLocalModel ? 'the embedded model behind the upstream' : 'nothing behind the upstream (HERMES_ENABLE=false)'}`)
  for (const seconds of [1, 2, 5]) report(seconds, hasLocalModel, await run(seconds, hasLocalModel))
}

/** Switch is started anew for each deadline, so that its breakers do not hide what comes. */
async function run(seconds: number, hasLocalModel: boolean): Promise<Measured[]> {
  const slowWordMs = Math.round(seconds * 1000 * 1.5 / wordsOfAnswer)
  const plan = [...Array.from({ length: lanes }, (_, lane) => ({ tasks: tasksOf(lane, lanes), wordDelayMs: 0 })), { tasks: slowTasks, wordDelayMs: slowWordMs }]
  const runs = await Promise.all(plan.map((lane) => prepare(lane, seconds, hasLocalModel)))
  lag.reset()
  lag.enable()
  const measured = await Promise.all(runs.map((lane) => lane()))
  lag.disable()
  return measured.flat()
}

/** Starts a lane. @returns its run, which ends what was started */
async function prepare({ tasks, wordDelayMs }: Lane, seconds: number, hasLocalModel: boolean): Promise<() => Promise<Measured[]>> {
  const { child: upstream, ready } = await forkBench<{ url: string }>('support/fault-upstream.ts', [String(wordDelayMs)])
  const service = await startSwitch({ upstream: asRemote(ready.url), hasLocalModel })
  const request = (stream: boolean) => infer(service.url, { prompt: 'Tell me a story about a robot.', max_tokens: 64, timeout_seconds: seconds, stream })
  return async () => {
    const measured: Measured[] = []
    for (const { step, isStreamed } of tasks) {
      await ask(upstream, step)
      const outcome = await request(isStreamed)
      measured.push({ ...outcome, fault: `${step.fault}${isStreamed ? ', streamed' : ''}${wordDelayMs > 0 ? ', slow words' : ''}`, overshootMs: outcome.wallMs - seconds * 1000 })
      await ask(upstream, { fault: 'none' })
      if (wordDelayMs === 0) await heal(service.url, request)
    }
    await Promise.all([service.stop(), end(upstream)])
    return measured
  }
}

/** Waits until the breaker lets one through and closes it with a good answer, so that the next fault is met too. */
async function heal(url: string, request: (stream: boolean) => Promise<Outcome>): Promise<void> {
  const { backends } = await (await fetch(`${url}/switch/health`)).json() as { backends: { name: string, breaker: { retry_in_ms?: number } }[] }
  const coolDownMs = backends.find(({ name }) => name === 'openai')?.breaker.retry_in_ms ?? 0
  if (coolDownMs > longestCoolDownMs) return
  await sleep(coolDownMs > 0 ? coolDownMs + 20 : 0)
  await request(false)
}

function report(seconds: number, hasLocalModel: boolean, measured: readonly Measured[]): void {
  const overshoots = measured.map(({ overshootMs }) => Math.max(0, overshootMs))
  const worst = measured.toSorted((a, b) => b.overshootMs - a.overshootMs)[0]!
  const answered = measured.filter(({ source }) => source !== undefined)
  const failed = measured.filter(({ source }) => source === undefined)
  const skipped = measured.flatMap(({ attempts }) => attempts).filter(({ reason }) => reason === 'circuit_open')
  console.log(`deadline ${seconds} s: ${measured.length} requests, p99 overshoot ${quantile(overshoots, 0.99).toFixed(0)} ms, worst ${quantile(overshoots, 1).toFixed(0)} ms (${worst.fault}); the caller's own event loop lagged ${(lag.max / 1e6).toFixed(0)} ms at most`)
  console.log(`  answered ${answered.length}: ${tally(answered.map(({ source }) => source!))}`)
  console.log(`  ended with an error ${failed.length}: ${tally(failed.map(({ code }) => code ?? 'no code'))}`)
  console.log(`  attempts skipped by an open breaker: ${skipped.length}`)
  if (hasLocalModel) for (const { fault, code, attempts } of failed) console.log(`    without an answer: ${fault}: ${code}; ${attempts.map(({ backend, outcome, reason }) => [backend, outcome, reason].join(' ')).join(', ')}`)
  const name = `deadline ${seconds} s, ${hasLocalModel ? 'with' : 'without'} the embedded model`
  expectAtMost(`worst overshoot, ${name}`, Math.round(quantile(overshoots, 1)), mostOvershootMs, ' ms')
  judge(failed.every(({ code }) => code?.startsWith('SWITCH_')), `every request ends with an answer or an error of the catalogue, ${name}`)
}
