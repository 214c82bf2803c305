// The machine as the checks see it, in one object, so that a test can put another in its place.
import { existsSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { cpuQuota } from '../backends/llama-cpp/cpu-quota.ts'
import { engineThreads } from '../backends/llama-cpp/threads.ts'
import { memoryLimit } from '../models/memory-limit.ts'

export type Machine = {
  /** Such as 24.21.0. */
  readonly nodeVersion: string
  readonly nodePath: string
  readonly platform: NodeJS.Platform
  readonly arch: string
  /** Of Linux; undefined elsewhere and on systems with musl. */
  readonly glibcVersion: string | undefined
  /** That this process may use. */
  readonly cores: number
  /** Cores' worth of time that cgroups allow; undefined without a limit. */
  readonly cpuQuota: number | undefined
  /** What HERMES_THREADS=0 comes to with a real model. */
  readonly engineThreads: number
  /** Megabytes of 10^6 bytes, of the container where there is one. */
  readonly memoryMb: number
  readonly freeMemoryMb: number
  readonly swapMb: number
  readonly freeSwapMb: number
  /** Undefined where the system knows no such numbers. */
  readonly uid: number | undefined
  readonly gid: number | undefined
  /** Such as docker; undefined outside. */
  readonly container: string | undefined
  /** Milliseconds since 1970. */
  readonly now: number
}

export function thisMachine(): Machine {
  const swap = meminfo(readText('/proc/meminfo'))
  return {
    nodeVersion: process.versions.node, nodePath: process.execPath, platform: process.platform, arch: process.arch, glibcVersion: glibcVersion(),
    cores: availableParallelism(), cpuQuota: cpuQuota(), engineThreads: engineThreads(Infinity),
    memoryMb: memoryLimit(Infinity).mb, freeMemoryMb: Math.floor(process.availableMemory() / 1e6), swapMb: swap('SwapTotal'), freeSwapMb: swap('SwapFree'),
    uid: process.getuid?.(), gid: process.getgid?.(), container: containerKind(), now: Date.now()
  }
}

/** Megabytes by the names of /proc/meminfo; 0 for a name that is not there. */
export function meminfo(text: string): (name: string) => number {
  return (name) => Math.floor(Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) * 1024 / 1e6)
}

function glibcVersion(): string | undefined {
  // Otherwise the report asks for the names of all network addresses.
  Object.assign(process.report, { excludeNetwork: true })
  const { header } = process.report.getReport() as { header?: { glibcVersionRuntime?: string } }
  return header?.glibcVersionRuntime
}

function containerKind(): string | undefined {
  if (process.env['KUBERNETES_SERVICE_HOST'] !== undefined) return 'kubernetes'
  if (existsSync('/.dockerenv')) return 'docker'
  if (existsSync('/run/.containerenv')) return 'podman'
  return undefined
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
