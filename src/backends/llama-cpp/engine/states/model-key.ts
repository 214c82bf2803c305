// What a saved prompt state depends on: with anything else it would be refused, or would give another answer.
import { stat } from 'node:fs/promises'
import { getModuleVersion } from 'node-llama-cpp'
import type { Llama } from 'node-llama-cpp'
import type { EngineSettings } from '../../protocol.ts'

/** One text for one model file, build of llama.cpp and shape of the context. */
export async function modelKeyOf(settings: EngineSettings, llama: Llama, contextLength: number): Promise<string> {
  const { slots, kvCache, hasFlashAttention, isDeterministic, lora } = settings
  const files = await Promise.all([settings.modelPath, ...lora.map(({ path }) => path)].map(fileKey))
  return JSON.stringify({
    files, scales: lora.map(({ scale }) => scale), version: await getModuleVersion(), release: llama.llamaCppRelease.release, gpu: llama.gpu,
    contextLength, slots, kvCache, hasFlashAttention: hasFlashAttention && !isDeterministic
  })
}

/** A file that was replaced has another size or time. */
async function fileKey(path: string): Promise<string> {
  const { size, mtimeMs } = await stat(path)
  return `${path} ${size} ${Math.round(mtimeMs)}`
}
