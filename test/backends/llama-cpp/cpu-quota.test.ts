import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cpuQuota } from '../../../src/backends/llama-cpp/cpu-quota.ts'

const quotaWith = (files: Record<string, string>) => cpuQuota((path) => files[path])

test('cgroup v2: the quota of the own group, or of a tighter one above', () => {
  assert.equal(quotaWith({ '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': '150000 100000\n' }), 1.5)
  assert.equal(quotaWith({ '/proc/self/cgroup': '0::/a/b\n', '/sys/fs/cgroup/a/b/cpu.max': '400000 100000\n', '/sys/fs/cgroup/a/cpu.max': '200000 100000\n', '/sys/fs/cgroup/cpu.max': 'max 100000\n' }), 2)
})

test('cgroup v1: under the name of its controllers, or as cpu alone', () => {
  const cgroup = '4:memory:/x\n3:cpu,cpuacct:/docker/1\n'
  assert.equal(quotaWith({ '/proc/self/cgroup': cgroup, '/sys/fs/cgroup/cpu,cpuacct/docker/1/cpu.cfs_quota_us': '50000\n', '/sys/fs/cgroup/cpu,cpuacct/docker/1/cpu.cfs_period_us': '100000\n' }), 0.5)
  // A container sees its own group as the mount itself.
  assert.equal(quotaWith({ '/proc/self/cgroup': cgroup, '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '300000\n', '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n' }), 3)
})

test('no limit, and no cgroups, is undefined', () => {
  assert.equal(quotaWith({ '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': 'max 100000\n' }), undefined)
  assert.equal(quotaWith({ '/proc/self/cgroup': '3:cpu:/\n', '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n', '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n' }), undefined)
  assert.equal(quotaWith({}), undefined)
  assert.equal(quotaWith({ '/proc/self/cgroup': 'nonsense\n' }), undefined)
})
