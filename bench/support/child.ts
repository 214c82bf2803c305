// Child processes of a benchmark, all ended with it.
import { fork, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const children = new Set<ChildProcess>()
process.once('exit', () => { for (const child of children) child.kill('SIGKILL') })
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

/** Runs a file of the bench folder with a channel for messages. Its first message says that it is ready. */
export async function forkBench<Ready>(file: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<{ child: ChildProcess, ready: Ready }> {
  const child = track(fork(fileURLToPath(new URL(`../${file}`, import.meta.url)), args, { env: { ...process.env, ...env } }))
  return { child, ready: await reply<Ready>(child) }
}

export function spawnNode(args: readonly string[], env: NodeJS.ProcessEnv, stderr: 'inherit' | 'ignore' = 'inherit'): ChildProcess {
  return track(spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', stderr] }))
}

/** Sends a message and waits for the answer to it. */
export async function ask<Answer>(child: ChildProcess, message: object): Promise<Answer> {
  const answer = reply<Answer>(child)
  child.send(message)
  return answer
}

/** Ends a child, by force when it takes longer than 15 s. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  await Promise.race([exited, sleep(15_000, undefined, { ref: false })])
  child.kill('SIGKILL')
  await exited
}

/** Polls until `probe` is true. @throws after 30 s, or when the child is gone */
export async function until(child: ChildProcess, what: string, probe: () => Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + 30_000
  while (!await probe().catch(() => false)) {
    if (child.exitCode !== null) throw new Error(`${what} ended with exit code ${child.exitCode}`)
    if (performance.now() > giveUpAt) throw new Error(`${what} did not become ready within 30 s`)
    await sleep(20)
  }
}

async function reply<Answer>(child: ChildProcess): Promise<Answer> {
  const gone = new AbortController()
  const exited = once(child, 'exit', { signal: gone.signal }).then(() => { throw new Error('A process of the benchmark ended too early') })
  exited.catch(() => undefined)
  try {
    const [answer] = await Promise.race([once(child, 'message'), exited])
    return answer as Answer
  } finally {
    gone.abort()
  }
}

/** Ends this child with the benchmark. */
export function track(child: ChildProcess): ChildProcess {
  children.add(child)
  child.once('exit', () => children.delete(child))
  return child
}
