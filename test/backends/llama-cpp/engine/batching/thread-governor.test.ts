import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ThreadGovernor } from '../../../../../src/backends/llama-cpp/engine/batching/thread-governor.ts'

/** A machine on which a step takes as long as `stepMs` says for a number of threads. */
function machine(most: number, stepMs: (threads: number) => number, isLong = false) {
  const kind = { name: 'work', isLong }
  const used: number[] = []
  const state = { stepMs }
  const governor = new ThreadGovernor({ most, apply: (threads) => used.push(threads) })
  const run = (steps: number) => {
    let tookMs = 0
    const from = used.length
    for (let step = 0; step < steps; step++) {
      const ms = state.stepMs(governor.choose(kind))
      tookMs += ms
      governor.note(kind, used.at(-1)!, ms, 1)
    }
    return { used: used.slice(from), tookMs }
  }
  return { state, run }
}

const onQuietCores = (threads: number) => 40 / threads

test('keeps all threads on a quiet machine, and tries cost next to nothing', () => {
  const { run } = machine(2, onQuietCores)
  run(50)
  const { used, tookMs } = run(5000)
  assert.ok(tookMs < 5000 * 20 * 1.01, `${tookMs} ms`)
  assert.ok(used.filter((threads) => threads === 2).length > 4900)
})

test('leaves a core to another program within a few steps, and takes it back when it is free', () => {
  const { state, run } = machine(2, onQuietCores)
  run(500)
  state.stepMs = (threads) => threads === 2 ? 1000 : 40
  const busy = run(100)
  assert.ok(busy.used.filter((threads) => threads === 2).length <= 5, `${busy.used}`)
  state.stepMs = onQuietCores
  run(6000)
  assert.equal(run(20).used.filter((threads) => threads === 2).length, 20)
})

test('goes down step by step on a machine with many cores, as far as it helps', () => {
  const { state, run } = machine(8, onQuietCores)
  assert.equal(run(200).used.at(-1), 8)
  state.stepMs = (threads) => threads > 4 ? 500 : 40 / threads
  run(200)
  const { used } = run(100)
  assert.ok(used.filter((threads) => threads === 4).length > 95, `${used}`)
})

test('one slow step changes nothing for long', () => {
  const { state, run } = machine(2, onQuietCores)
  run(500)
  state.stepMs = () => 400
  run(1)
  state.stepMs = onQuietCores
  run(300)
  assert.ok(run(100).used.filter((threads) => threads === 2).length > 97)
})

test('all threads come back as soon as they are no slower', () => {
  const { state, run } = machine(2, onQuietCores)
  run(500)
  state.stepMs = (threads) => threads === 2 ? 1000 : 20
  run(100)
  state.stepMs = (threads) => threads === 2 ? 19 : 20
  run(3000)
  assert.ok(run(500).used.filter((threads) => threads === 2).length > 450)
})

/** Random numbers from 0 to 1, the same ones each time. */
function randomNumbers(): () => number {
  let seed = 1
  return () => (seed = seed * 48271 % 2147483647) / 2147483647
}

test('steps that are held up now and then change nothing', () => {
  const random = randomNumbers()
  const { run } = machine(2, (threads) => {
    if (threads === 1) return 9.2
    return random() < 0.02 ? 45 : 8
  })
  const alone = run(20_000).used.filter((threads) => threads === 1).length
  assert.ok(alone < 400, `${alone} steps`)
})

test('what is fast by chance changes nothing', () => {
  const random = randomNumbers()
  // One thread is slower by a sixth; every step, and often two or three in a row, is faster or slower by up to a third.
  let luck = 1
  const { run } = machine(2, (threads) => {
    if (random() < 0.5) luck = 0.65 + random() * 0.7
    return (threads === 2 ? 7 : 8.2) * luck
  })
  const alone = run(20_000).used.filter((threads) => threads === 1).length
  assert.ok(alone < 400, `${alone} steps`)
})

test('everything getting slower alike changes nothing', () => {
  const { state, run } = machine(4, onQuietCores)
  run(500)
  state.stepMs = (threads) => 400 / threads
  run(100)
  const { used } = run(100)
  assert.ok(used.filter((threads) => threads === 4).length > 90, `${used}`)
})

test('long work pays for no try on a quiet machine', () => {
  const { run } = machine(2, onQuietCores, true)
  assert.deepEqual(new Set(run(1000).used), new Set([2]))
})

test('long work follows short work that found the cores crowded', () => {
  const used: number[] = []
  const governor = new ThreadGovernor({ most: 2, apply: (threads) => used.push(threads) })
  const prompt = { name: 'prompt', isLong: true }
  governor.note(prompt, governor.choose(prompt), 5000, 1)
  const step = { name: 'step', isLong: false }
  for (let count = 0; count < 10; count++) {
    const threads = governor.choose(step)
    governor.note(step, threads, threads === 2 ? 1000 : 40, 1)
  }
  assert.equal(governor.choose(prompt), 1)
})

test('long work leaves a core to another program within a few batches, too', () => {
  const { state, run } = machine(2, onQuietCores, true)
  run(5)
  state.stepMs = (threads) => threads === 2 ? 1000 : 40
  const { used } = run(20)
  assert.ok(used.filter((threads) => threads === 2).length <= 3, `${used}`)
})

test('one thread is one thread', () => {
  const { run } = machine(1, onQuietCores)
  assert.deepEqual(new Set(run(100).used), new Set([1]))
})
