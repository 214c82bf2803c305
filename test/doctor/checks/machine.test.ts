// The checks of the machine, over machines that there are not.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkClock } from '../../../src/doctor/checks/clock.ts'
import { checkContainer } from '../../../src/doctor/checks/container.ts'
import { checkCores } from '../../../src/doctor/checks/cores.ts'
import { checkProcessor } from '../../../src/doctor/checks/engine.ts'
import { checkMemory } from '../../../src/doctor/checks/memory.ts'
import { checkNodeVersion } from '../../../src/doctor/checks/node-version.ts'
import { checkPlatformBuild } from '../../../src/doctor/checks/platform-build.ts'
import type { PlatformQuestion } from '../../../src/doctor/checks/platform-build.ts'
import { meminfo, thisMachine } from '../../../src/doctor/machine.ts'

test('this machine tells plausible numbers', () => {
  const { nodeVersion, cores, engineThreads, memoryMb, freeMemoryMb } = thisMachine()
  assert.equal(nodeVersion, process.versions.node)
  assert.ok(cores >= 1 && engineThreads >= 1 && engineThreads <= cores && memoryMb > 100 && freeMemoryMb > 0)
  assert.equal(meminfo('MemTotal: 5 kB\nSwapTotal:  2000000 kB\n')('SwapTotal'), 2048)
})

test('an older Node is a problem', () => {
  assert.equal(checkNodeVersion({ nodeVersion: '24.0.0', nodePath: '/usr/bin/node' }).result, 'ok')
  const { result, message, advice } = checkNodeVersion({ nodeVersion: '22.19.0', nodePath: '/usr/bin/node' })
  assert.equal(result, 'problem')
  assert.match(message, /Node 22\.19\.0 runs it \(\/usr\/bin\/node\), and Switch needs Node 24/)
  assert.match(advice!, /npm ci/)
})

const linux: PlatformQuestion = { platform: 'linux', arch: 'x64', glibcVersion: '2.36', hasBuild: () => true }

test('a build of llama.cpp must be there for this system', () => {
  assert.equal(checkPlatformBuild(linux).facts!['package'], '@node-llama-cpp/linux-x64')
  assert.equal(checkPlatformBuild({ ...linux, platform: 'darwin', arch: 'arm64', glibcVersion: undefined }).facts!['package'], '@node-llama-cpp/mac-arm64-metal')
  const missing = checkPlatformBuild({ ...linux, hasBuild: () => false })
  assert.deepEqual([missing.result, missing.advice], ['problem', 'npm ci --include=optional'])
  assert.match(checkPlatformBuild({ ...linux, glibcVersion: undefined }).message, /musl/)
  assert.match(checkPlatformBuild({ ...linux, platform: 'freebsd' }).advice!, /HERMES_FRAMEWORK=ollama/)
  const broken = checkPlatformBuild({ ...linux, hasBuild: () => { throw new Error('Cannot find module') } })
  assert.deepEqual([broken.result, broken.advice], ['problem', 'npm ci'])
})

test('a slow build on a processor with AVX2 is another matter than a processor without it', () => {
  const trial = { tokens: 4, gpu: null, variant: 'sse42', cpuFeatures: ['SSE3', 'REPACK'] }
  assert.deepEqual([checkProcessor(trial, { arch: 'x64', processorFlags: new Set(['avx2']) })].map(({ result, advice }) => [result, advice]), [['warning', 'npm ci']])
  assert.match(checkProcessor(trial, { arch: 'x64', processorFlags: new Set(['sse4_2']) }).advice!, /cpu type "host"/)
  assert.equal(checkProcessor({ ...trial, variant: 'haswell', cpuFeatures: ['AVX2', 'FMA'] }, { arch: 'x64', processorFlags: new Set() }).result, 'ok')
  assert.equal(checkProcessor({ ...trial, variant: 'armv8.2_1', cpuFeatures: ['NEON'] }, { arch: 'arm64', processorFlags: new Set() }).result, 'ok')
  assert.equal(checkProcessor({ failure: 'x', lastWords: [] }, { arch: 'x64', processorFlags: new Set() }).result, 'skipped')
})

test('more threads than cores, or less than one core, is told', () => {
  const machine = { cores: 4, cpuQuota: undefined, engineThreads: 2 }
  assert.deepEqual(checkCores(machine, 0), { result: 'ok', message: '4 cores, no CPU quota; the engine gets 2 threads.', facts: { cores: 4, cpu_quota_cores: null, engine_threads: 2 } })
  assert.match(checkCores(machine, 8).advice!, /^HERMES_THREADS=2/)
  assert.match(checkCores({ ...machine, cpuQuota: 2 }, 4).message, /a CPU quota of 2 cores; the engine gets 4 threads\. More threads/)
  assert.match(checkCores({ ...machine, cpuQuota: 0.5, engineThreads: 1 }, 0).advice!, /--cpus 2/)
})

test('a limit above the memory, and swap in use, are told with what to set', () => {
  const machine = { memoryMb: 2000, freeMemoryMb: 1500, swapMb: 1000, freeSwapMb: 900, container: undefined }
  assert.equal(checkMemory(machine, 1600).result, 'ok')
  assert.deepEqual([checkMemory(machine, 4096)].map(({ result, advice }) => [result, advice]), [['warning', 'HERMES_MAX_MEMORY_MB=1600']])
  assert.match(checkMemory({ ...machine, freeSwapMb: 100 }, 1600).message, /Of 1000 MB of swap 900 MB are in use/)
  assert.match(checkMemory({ ...machine, container: 'docker' }, 1600).message, /^This container has 2000 MB/)
})

test('a container that listens on itself alone is told', () => {
  const machine = { container: 'docker', uid: 10001, gid: 10001 }
  assert.match(checkContainer(machine, { HOST: '127.0.0.1', PORT: 8000 }).advice!, /^HOST=0\.0\.0\.0/)
  assert.match(checkContainer(machine, { HOST: '0.0.0.0', PORT: 8000 }).message, /as user 10001:10001\./)
  assert.equal(checkContainer({ ...machine, container: undefined }, { HOST: '127.0.0.1', PORT: 8000 }).result, 'skipped')
})

test('a clock before the installation is a problem', () => {
  const installedMs = Date.UTC(2026, 10, 22)
  assert.equal(checkClock(installedMs, installedMs).result, 'ok')
  const { result, message, advice } = checkClock(Date.UTC(1970, 0, 2), installedMs)
  assert.deepEqual([result, advice], ['problem', 'sudo timedatectl set-ntp true'])
  assert.match(message, /The clock says 1970-01-02/)
})
