// CPU time that a process has used, user and system, all of its threads. Linux only.
import { readdirSync, readFileSync } from 'node:fs'

/** Milliseconds. From the scheduler's own count in nanoseconds; /proc/PID/stat counts in steps of 10 ms. */
export function cpuMs(pid: number): number {
  return readdirSync(`/proc/${pid}/task`).reduce((sum, thread) => sum + threadNs(`/proc/${pid}/task/${thread}/schedstat`), 0) / 1e6
}

/** A thread may end while the folder is read. */
function threadNs(path: string): number {
  try {
    return Number(readFileSync(path, 'utf8').split(' ')[0])
  } catch {
    return 0
  }
}
