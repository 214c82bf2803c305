// How the local engine runs its model: HERMES_* and, for a backend of the YAML file, what its entry says instead.
import { join, resolve } from 'node:path'
import type { EngineOptions, LoraAdapter } from '../backends/llama-cpp/protocol.ts'
import type { LlamaCppEntry } from './file-schema.ts'
import { listOf } from './schema.ts'
import type { Config } from './schema.ts'

/** The options of one local backend. */
export function engineOptions(config: Config, entry?: LlamaCppEntry): EngineOptions {
  return {
    threads: entry?.threads ?? config.HERMES_THREADS,
    gpu: entry?.gpu ?? config.HERMES_GPU,
    kvCache: entry?.kv_cache ?? config.HERMES_KV_CACHE,
    hasFlashAttention: entry?.flash_attention ?? config.HERMES_FLASH_ATTENTION,
    isDeterministic: entry?.deterministic ?? config.HERMES_DETERMINISTIC,
    hasMmap: entry?.mmap ?? config.HERMES_MMAP,
    lora: adaptersOf(entry?.lora ?? config.HERMES_LORA ?? '', config.HERMES_MODEL_DIR),
    warmPrompt: entry?.warm_prompt ?? config.HERMES_WARM_PROMPT,
    isSpeculative: entry?.speculation ?? config.HERMES_SPECULATION,
    promptCache: { folder: join(resolve(config.SWITCH_CACHE_DIR), 'prompt_states'), maxBytes: config.HERMES_PROMPT_CACHE_MB * 1e6, worthMs: worthSavingMs }
  }
}

/** A prompt that is evaluated again in less time than this is not worth a file. */
const worthSavingMs = 250

/** `a.gguf=0.5, b.gguf`: paths are relative to the model folder, the scale is 1 where none is said. */
function adaptersOf(text: string, folder: string): LoraAdapter[] {
  return listOf(text).map((adapter) => {
    const [, path = adapter, scale] = /^(.*)=(-?\d+(?:\.\d+)?)$/.exec(adapter) ?? []
    return { path: resolve(folder, path), scale: Number(scale ?? 1) }
  })
}
