// A memory limit of the kernel's for one process, so that the kernel kills it. Linux, root, a memory controller that can be divided.
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Below what is needed for the next pages; what the process has already was counted elsewhere. */
const limitBytes = 256 * 1024

export type MemoryCage = {
  /** From now on the process may take hardly any new memory. */
  lock(pid: number): void
  /** How often the kernel killed in here for lack of memory. */
  kills(): number
  /** After the process is gone. */
  remove(): void
}

/** A control group inside our own, empty. @throws Error that says why there can be none */
export function buildMemoryCage(): MemoryCage {
  const parent = memoryGroup()
  const folder = join(parent.folder, `switch-bench-${process.pid}`)
  mkdirSync(folder)
  const limitFile = join(folder, parent.version === 1 ? 'memory.limit_in_bytes' : 'memory.max')
  const countFile = join(folder, parent.version === 1 ? 'memory.oom_control' : 'memory.events')
  if (!existsSync(limitFile)) {
    rmdirSync(folder)
    throw new Error(`${parent.folder} does not pass its memory controller on to groups inside it`)
  }
  return {
    lock: (pid) => {
      writeFileSync(limitFile, String(limitBytes))
      writeFileSync(join(folder, 'cgroup.procs'), String(pid))
    },
    kills: () => Number(/^oom_kill (\d+)$/m.exec(readFileSync(countFile, 'utf8'))?.[1] ?? 0),
    remove: () => rmdirSync(folder)
  }
}

/** The control group that counts the memory of this process. */
function memoryGroup(): { folder: string, version: 1 | 2 } {
  const lines = readFileSync('/proc/self/cgroup', 'utf8').trim().split('\n').map((line) => /^\d+:([^:]*):(.*)$/.exec(line)!)
  const divided = lines.find(([, controllers]) => controllers!.split(',').includes('memory'))
  if (divided) return { folder: join('/sys/fs/cgroup/memory', divided[2]!), version: 1 }
  const unified = lines.find(([, controllers]) => controllers === '')
  if (unified === undefined) throw new Error('this kernel has no control groups')
  return { folder: join('/sys/fs/cgroup', unified[2]!), version: 2 }
}
