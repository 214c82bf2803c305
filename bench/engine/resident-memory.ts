// Memory that processes hold, from /proc. Linux only.
import { readdirSync, readFileSync } from 'node:fs'

/** A process and its children, itself first. */
export function familyOf(pid: number): number[] {
  const children = readdirSync('/proc').map(Number).filter((other) => statusOf(other, 'PPid') === pid)
  return [pid, ...children]
}

/** Resident set, files that are mapped included. */
export function residentMb(pid: number): number {
  return (statusOf(pid, 'VmRSS') ?? Number.NaN) * 1024 / 1e6
}

/** Undefined where there is no such process any more. */
function statusOf(pid: number, field: string): number | undefined {
  try {
    const found = new RegExp(`^${field}:\\s*(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return found === undefined ? undefined : Number(found)
  } catch {
    return undefined
  }
}
