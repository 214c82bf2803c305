// How many threads llama.cpp gets: one a physical core that this process may use, and only one for a tiny model.
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { cpuQuota } from './cpu-quota.ts'

/**
 * Below this, starting and joining threads for each token takes longer than the token itself: the 4 MB demo model
 * was measured 25 times slower on two threads than on one (two virtual cores, node-llama-cpp 3.22).
 */
const oneThreadBytes = 64 * 1024 * 1024

/**
 * Physical cores, at most as many as the process's CPU affinity and cgroup quota allow; at least 1.
 * @param modelBytes size of the model file
 */
export function engineThreads(modelBytes: number): number {
  if (modelBytes < oneThreadBytes) return 1
  return Math.max(1, Math.floor(Math.min(availableParallelism(), physicalCores() ?? Infinity, cpuQuota() ?? Infinity)))
}

/** Counted on Linux; undefined elsewhere, where hyper-threads cannot be told apart. */
function physicalCores(): number | undefined {
  try {
    const cores = readFileSync('/proc/cpuinfo', 'utf8').split('\n\n').map((block) => {
      const socket = /^physical id\s*: (\d+)/m.exec(block)?.[1]
      const core = /^core id\s*: (\d+)/m.exec(block)?.[1]
      return core === undefined ? undefined : `${socket}/${core}`
    })
    const known = new Set(cores.filter((core) => core !== undefined))
    return known.size > 0 ? known.size : undefined
  } catch {
    return undefined
  }
}
