// How a service comes back after its engine is lost, seen through its health.
import { setTimeout as sleep } from 'node:timers/promises'

const lookMs = 10

/** Milliseconds of performance.now(). */
export type Recovery = {
  /** When the service had noticed that the engine is gone, and began to load another. */
  readonly noticedAt: number
  readonly readyAt: number
}

/** Waits until health has said that the service restarted an engine, and that it is ready. @throws after `giveUpMs` */
export async function recovery(url: string, giveUpMs: number): Promise<Recovery> {
  const giveUpAt = performance.now() + giveUpMs
  let noticedAt: number | undefined
  while (performance.now() < giveUpAt) {
    const { status, backends } = await (await fetch(`${url}/switch/health`)).json() as { status: string, backends: { restarts: number }[] }
    if (backends[0]!.restarts > 0) noticedAt ??= performance.now()
    if (noticedAt !== undefined && status === 'ok') return { noticedAt, readyAt: performance.now() }
    await sleep(lookMs)
  }
  throw new Error(noticedAt === undefined ? `Switch has not noticed within ${giveUpMs / 1000} s` : `The engine did not come back within ${giveUpMs / 1000} s`)
}
