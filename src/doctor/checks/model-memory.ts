// Whether the configured local models fit in memory, together and in their order: measured as the service measures them.
import { defaultPatience } from '../../backends/llama-cpp/supervision/engine-watch.ts'
import { modelsOfSpec } from '../../backends/llama-cpp/models-of-spec.ts'
import type { LlamaCppSpec } from '../../config/specs.ts'
import { DoesNotFit, MemoryBudget } from '../../models/memory-budget.ts'
import type { MemoryHolder, MemoryNeed, ReserveOptions } from '../../models/memory-budget.ts'
import { memoryLimit } from '../../models/memory-limit.ts'
import type { Log } from '../../observability/log.ts'
import { ok, problem, skipped, together, warning } from '../finding.ts'
import type { Facts, Finding } from '../finding.ts'
import type { Machine } from '../machine.ts'

const silent: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
/** What HERMES_CONTEXT_LENGTH takes at most. */
const mostContext = 1_048_576

/** Keeps what the last one asked for, also when it was refused. */
class NotingBudget extends MemoryBudget {
  asked: MemoryNeed | undefined

  override reserve(holder: MemoryHolder, need: () => Promise<MemoryNeed>, options?: ReserveOptions): Promise<void> {
    return super.reserve(holder, async () => this.asked = await need(), options)
  }
}

/** @param specs those whose model was found count */
export async function checkModelMemory(specs: readonly LlamaCppSpec[], maxMemoryMb: number, { memoryMb, freeMemoryMb }: Pick<Machine, 'memoryMb' | 'freeMemoryMb'>): Promise<Finding> {
  const found = specs.filter(({ choice }) => 'path' in choice)
  if (found.length === 0) return skipped('There is no local model to measure.')
  const limit = memoryLimit(maxMemoryMb, memoryMb * 1e6)
  const budget = new NotingBudget(limit)
  const findings: Finding[] = []
  for (const spec of found) findings.push(await reserve(spec, budget, memoryMb))
  const reservedMb = limit.mb - budget.freeMb
  if (reservedMb > freeMemoryMb) findings.push(warning(`Only ${freeMemoryMb} MB are free now, and the local models need ${reservedMb} MB.`, 'Stop what takes the memory (see it with: ps aux --sort -rss); when that is a running Switch, all is well', { free_memory_mb: freeMemoryMb }))
  const whole = together(findings)
  return { ...whole, facts: { ...whole.facts, limit_mb: limit.mb, reserved_mb: reservedMb } }
}

async function reserve(spec: LlamaCppSpec, budget: NotingBudget, machineMb: number): Promise<Finding> {
  const { freeMb } = budget
  try {
    await claim(spec, budget)
  } catch (error) {
    return error instanceof DoesNotFit ? doesNotFit(spec, budget, machineMb) : skipped(`${spec.choice.name} could not be measured: ${(error as Error).message}`)
  }
  const need = budget.asked!
  const longest = await longestContext(spec, freeMb)
  const facts = factsOf(spec, need, longest)
  return ok(`${wordsOf(spec, need)}. With ${freeMb} MB its context may have up to ${longest ?? spec.contextLength} tokens; it has ${spec.contextLength}.`, facts)
}

async function doesNotFit(spec: LlamaCppSpec, { asked, freeMb }: NotingBudget, machineMb: number): Promise<Finding> {
  const need = asked!
  const longest = need.longestContext(freeMb)
  const smaller = await need.smallerModel?.(freeMb)
  const missingMb = need.totalMb - freeMb
  const advice = [
    ...longest === undefined ? [] : [`HERMES_CONTEXT_LENGTH=${longest}`],
    ...smaller === undefined ? [] : [`A smaller model: ${smaller}`],
    ...need.totalMb <= machineMb ? [`HERMES_MAX_MEMORY_MB=N, with ${missingMb} more than now`] : []
  ]
  const none = 'Use a smaller model (npx switch models list --catalogue), or give the machine more memory'
  return problem(`${wordsOf(spec, need)}, and ${freeMb} MB are left for it.`, advice.join('\nor ') || none, factsOf(spec, need, longest))
}

async function claim(spec: LlamaCppSpec, budget: MemoryBudget): Promise<void> {
  const { choice } = spec
  if ('path' in choice) await modelsOfSpec(spec, { log: silent, budget, patience: defaultPatience }).prepare(choice).claim!.take()
}

/** Up to what the model was made for. */
async function longestContext(spec: LlamaCppSpec, freeMb: number): Promise<number | undefined> {
  const budget = new NotingBudget({ mb: freeMb, source: 'what is left' })
  await claim({ ...spec, contextLength: mostContext }, budget).catch(() => undefined)
  return budget.asked?.longestContext(freeMb)
}

function wordsOf({ name, choice, maxConcurrent }: LlamaCppSpec, { totalMb, parts }: MemoryNeed): string {
  const numbers = parts === undefined ? '' : `: ${parts.weightsMb} for weights, ${parts.kvCacheMb} for the KV cache, ${parts.computeMb + parts.processMb} for buffers and the process`
  return `${choice.name} (${name}${maxConcurrent === 1 ? '' : `, ${maxConcurrent} at once`}) needs ${totalMb} MB${numbers}`
}

function factsOf({ name, contextLength }: LlamaCppSpec, { totalMb, parts }: MemoryNeed, longest: number | undefined): Facts {
  const numbers = parts && { weights_mb: parts.weightsMb, kv_cache_mb: parts.kvCacheMb, buffers_mb: parts.computeMb + parts.processMb }
  return { [name]: { total_mb: totalMb, ...numbers, context_length: contextLength, longest_context: longest ?? null } }
}
