// What npm run bench:engine-faults does to the engine process.
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { buildMemoryCage } from './memory-cage.ts'

export type EngineFault = {
  readonly name: string
  /** Why it cannot be done here; undefined when it can. */
  readonly obstacle?: string
  /** Resolves when the fault has struck, with the time of it (performance.now()). */
  strike(enginePid: number): Promise<number>
}

const longestStruggleMs = 60_000

/** Builds what they need. */
export function engineFaults(): EngineFault[] {
  return [bySignal('SIGKILL'), bySignal('SIGSTOP'), outOfMemory()]
}

function bySignal(signal: 'SIGKILL' | 'SIGSTOP'): EngineFault {
  return {
    name: signal,
    strike: async (enginePid) => {
      process.kill(enginePid, signal)
      return performance.now()
    }
  }
}

/** The kernel kills the engine when it asks for memory that its control group does not have. */
function outOfMemory(): EngineFault {
  const name = 'out of memory'
  try {
    const cage = buildMemoryCage()
    process.once('exit', () => cage.remove())
    return { name, strike: async (enginePid) => {
      cage.lock(enginePid)
      const struckAt = await timeOfDeath(enginePid)
      if (cage.kills() === 0) throw new Error('The engine died, but the kernel has counted no kill for lack of memory')
      return struckAt
    } }
  } catch (error) {
    return { name, obstacle: (error as Error).message, strike: () => Promise.reject(error) }
  }
}

async function timeOfDeath(pid: number): Promise<number> {
  const giveUpAt = performance.now() + longestStruggleMs
  while (existsSync(`/proc/${pid}`)) {
    if (performance.now() > giveUpAt) throw new Error(`The engine lives on with hardly any memory for ${longestStruggleMs / 1000} s`)
    await sleep(1)
  }
  return performance.now()
}
