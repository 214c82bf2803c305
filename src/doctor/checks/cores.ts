// Threads of the engine against the cores and the CPU time that this process may use.
import { ok, warning } from '../finding.ts'
import type { Finding } from '../finding.ts'
import type { Machine } from '../machine.ts'

/** @param threads that were configured, the most of any backend; 0: chosen by Switch */
export function checkCores({ cores, cpuQuota, engineThreads }: Pick<Machine, 'cores' | 'cpuQuota' | 'engineThreads'>, threads: number): Finding {
  const quota = cpuQuota === undefined ? 'no CPU quota' : `a CPU quota of ${Number(cpuQuota.toFixed(2))} cores`
  const facts = { cores, cpu_quota_cores: cpuQuota ?? null, engine_threads: threads || engineThreads }
  const found = `${cores} ${cores === 1 ? 'core' : 'cores'}, ${quota}; the engine gets ${threads || engineThreads} ${(threads || engineThreads) === 1 ? 'thread' : 'threads'}.`
  if (threads > Math.max(1, Math.min(cores, cpuQuota ?? Infinity))) {
    return warning(`${found} More threads than cores wait for each other and make every token slower.`, `HERMES_THREADS=${engineThreads}, or 0 for what Switch finds best`, facts)
  }
  if (cpuQuota !== undefined && cpuQuota < 1) return warning(`${found} With less than one core the engine stands still most of the time.`, 'Give the container at least one core: docker run --cpus 2, or cpus: 2 in the compose file', facts)
  return ok(found, facts)
}
