// The memory of this machine or container, and swap, against what local models may take together.
import { ok, skipped, together, warning } from '../finding.ts'
import type { Finding } from '../finding.ts'
import type { Machine } from '../machine.ts'

/** Of swap in use: llama.cpp reads every weight for every token, and from a disk that takes seconds. */
const muchSwap = 0.5

/** @param limitMb HERMES_MAX_MEMORY_MB */
export function checkMemory({ memoryMb, freeMemoryMb, swapMb, freeSwapMb, container }: Pick<Machine, 'memoryMb' | 'freeMemoryMb' | 'swapMb' | 'freeSwapMb' | 'container'>, limitMb: number): Finding {
  const facts = { memory_mb: memoryMb, free_memory_mb: freeMemoryMb, limit_mb: limitMb, swap_mb: swapMb, free_swap_mb: freeSwapMb }
  const place = container === undefined ? 'This machine' : 'This container'
  const found = `${place} has ${memoryMb} MB, ${freeMemoryMb} MB of it free, and ${swapMb} MB of swap; local models may take ${Math.min(limitMb, memoryMb)} MB.`
  const findings = [
    ok(found, facts),
    ...limitMb > memoryMb ? [warning(`${found} HERMES_MAX_MEMORY_MB=${limitMb} is more than there is, and nothing is left for anything else.`, `HERMES_MAX_MEMORY_MB=${Math.max(64, Math.floor(memoryMb * 0.8))}`)] : [],
    ...swapMb > 0 && freeSwapMb < swapMb * (1 - muchSwap) ? [warning(`Of ${swapMb} MB of swap ${swapMb - freeSwapMb} MB are in use: a model in swap takes seconds for each token.`, 'Stop what takes the memory (see it with: ps aux --sort -rss), or use a smaller model')] : []
  ]
  return findings.length === 1 && memoryMb === 0 ? skipped('The system does not tell how much memory it has.') : together(findings)
}
