// How much CPU time the cgroups of this process allow, as containers limit it. Node counts the quota of cgroup v2 alone.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Text of a file; undefined when there is none. */
export type ReadText = (path: string) => string | undefined

/** Cores' worth of time, 0.5 for instance; undefined without a limit, and where there are no cgroups. */
export function cpuQuota(read: ReadText = readText): number | undefined {
  const groups = (read('/proc/self/cgroup') ?? '').split('\n').flatMap((line) => {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
    return controllers === undefined || path === undefined ? [] : [{ controllers, path }]
  })
  const quotas = groups.flatMap(({ controllers, path }) => {
    if (controllers === '') return ancestors('/sys/fs/cgroup', path).map((folder) => quotaOfTwo(read(join(folder, 'cpu.max'))))
    if (!controllers.split(',').includes('cpu')) return []
    const mounts = [`/sys/fs/cgroup/${controllers}`, '/sys/fs/cgroup/cpu']
    return mounts.flatMap((mount) => ancestors(mount, path)).map((folder) => quotaOfOne(read(join(folder, 'cpu.cfs_quota_us')), read(join(folder, 'cpu.cfs_period_us'))))
  })
  const known = quotas.filter((quota) => quota !== undefined)
  return known.length > 0 ? Math.min(...known) : undefined
}

/** `mount/a/b`, `mount/a`, `mount`: every group above limits too, and a container sees its own as the mount itself. */
function ancestors(mount: string, path: string): string[] {
  const parent = dirname(path)
  return path === '/' || parent === path ? [mount] : [join(mount, path), ...ancestors(mount, parent)]
}

/** Version 2: `max 100000` or `150000 100000`. */
function quotaOfTwo(text: string | undefined): number | undefined {
  const [quota = Number.NaN, period = Number.NaN] = (text ?? '').trim().split(' ').map(Number)
  return quota > 0 && period > 0 ? quota / period : undefined
}

/** Version 1; -1 is no limit. */
function quotaOfOne(quota: string | undefined, period: string | undefined): number | undefined {
  return Number(quota) > 0 && Number(period) > 0 ? Number(quota) / Number(period) : undefined
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
