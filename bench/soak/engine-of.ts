// The engine process of a running service, seen from outside. Linux only.
import { readFileSync } from 'node:fs'

/** The only child of the service; undefined while there is none. */
export function engineOf(servicePid: number): number | undefined {
  const children = readFileSync(`/proc/${servicePid}/task/${servicePid}/children`, 'utf8').trim()
  return children === '' ? undefined : Number(children.split(' ')[0])
}

/** Resident memory in megabytes. */
export function residentMb(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes) / 1024
}
