// Whether llama.cpp loads here and decodes, and whether it uses what the processor has.
import { ok, problem, warning } from '../finding.ts'
import type { Finding } from '../finding.ts'
import type { EngineTrial } from '../engine-trial.ts'

export function checkEngine(trial: EngineTrial): Finding {
  if (!('failure' in trial)) return ok(`llama.cpp loads and decoded ${trial.tokens} tokens on ${trial.gpu ?? 'the processor'}.`, { tokens: trial.tokens, gpu: trial.gpu })
  const { failure, lastWords } = trial
  return problem(
    `llama.cpp could not decode: ${sentence(failure)}${lastWords.length === 0 ? '' : ` It said: ${lastWords.join(' / ')}`}`,
    mendingOf(failure),
    { last_words: lastWords }
  )
}

function mendingOf(failure: string): string {
  if (failure.includes('SIGILL')) return 'Give the virtual machine the processor of its host (cpu type "host"), then: npm ci'
  if (failure.includes('HERMES_GPU')) return 'HERMES_GPU=auto'
  if (failure.includes('.gguf')) return 'Mend the embedded model first, as said below'
  return 'npm ci\nwhen that does not help: HERMES_GPU=off\nor let another server run the model: HERMES_FRAMEWORK=ollama'
}

/** Builds of ggml for x64 without AVX2: several times slower than haswell and its successors. */
const slowVariants = new Set(['x64', 'sse42', 'sandybridge', 'ivybridge', 'piledriver'])
const worthTelling = /^(AVX|FMA|F16C|AMX|NEON|ARM_FMA|DOTPROD|MATMUL|SVE|SME)/

/** @param processorFlags of /proc/cpuinfo; empty where there is none */
export function checkProcessor(trial: EngineTrial, { arch, processorFlags }: { arch: string, processorFlags: ReadonlySet<string> }): Finding {
  if ('failure' in trial) return { result: 'skipped', message: 'The engine did not start, so that it told nothing of the processor.' }
  const features = trial.cpuFeatures.filter((feature) => worthTelling.test(feature))
  const facts = { variant: trial.variant, cpu_features: features }
  const found = `llama.cpp runs its build ${trial.variant ?? 'for this system'} with ${features.join(', ') || 'no vector extension'}.`
  const isSlow = arch === 'x64' && !features.includes('AVX2') && (trial.variant === null || slowVariants.has(trial.variant))
  if (!isSlow) return ok(found, facts)
  if (processorFlags.has('avx2')) return warning(`${found} The processor has AVX2, and the build that uses it was not loaded.`, 'npm ci', facts)
  return warning(`${found} The processor has no AVX2, or hides it: answers come several times slower.`, 'In a virtual machine choose the cpu type "host"; else a smaller model: npx switch models pull mini-1b-q4', facts)
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}
