// What is asked of the machine: Node, llama.cpp, processor, memory, clock.
import { readFileSync, statSync } from 'node:fs'
import { checkClock } from './checks/clock.ts'
import { checkContainer } from './checks/container.ts'
import { checkCores } from './checks/cores.ts'
import { checkEngine, checkProcessor } from './checks/engine.ts'
import { checkMemory } from './checks/memory.ts'
import { checkNodeVersion } from './checks/node-version.ts'
import { checkPlatformBuild } from './checks/platform-build.ts'
import { skipped } from './finding.ts'
import { localSpecs } from './ground.ts'
import type { Ground } from './ground.ts'
import type { Check } from './run-checks.ts'

/** Longest time for the engine to load and decode, on a machine that does much else. */
const trialMs = 60_000

export function machineChecks(ground: Ground): Check[] {
  const { machine, config } = ground
  return [
    { name: 'node', run: () => checkNodeVersion(machine) },
    ...engineChecks(ground),
    { name: 'memory', run: () => checkMemory(machine, config.HERMES_MAX_MEMORY_MB) },
    { name: 'clock', run: () => checkClock(machine.now, statSync(new URL('../../package.json', import.meta.url)).mtimeMs) },
    { name: 'container', run: () => checkContainer(machine, config) }
  ]
}

/** Who has another server for the local model needs no llama.cpp. */
function engineChecks(ground: Ground): Check[] {
  const { machine } = ground
  const specs = localSpecs(ground)
  const threads = Math.max(0, ...specs.map(({ engine }) => engine.threads))
  const checks: Check[] = [
    { name: 'llama.cpp build', run: () => checkPlatformBuild(machine) },
    { name: 'engine', timeoutMs: trialMs, run: async (signal) => checkEngine(await ground.trial(signal)) },
    { name: 'processor', timeoutMs: trialMs, run: async (signal) => checkProcessor(await ground.trial(signal), { arch: machine.arch, processorFlags: processorFlags() }) },
    { name: 'cores', run: () => checkCores(machine, threads) }
  ]
  return specs.length > 0 ? checks : checks.map(({ name }) => ({ name, run: () => skipped('No backend runs a model in the engine of Switch.') }))
}

/** Of Linux on x64; empty elsewhere. */
function processorFlags(): ReadonlySet<string> {
  try {
    return new Set(/^flags\s*: (.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]?.split(' '))
  } catch {
    return new Set()
  }
}
