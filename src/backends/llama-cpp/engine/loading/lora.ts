// The LoRA adapters of an engine, looked at before llama.cpp gets them.
import { access, constants } from 'node:fs/promises'
import type { LlamaContextOptions } from 'node-llama-cpp'
import type { LoraAdapter } from '../../protocol.ts'
import { UnusableSetting } from './unusable-setting.ts'

/**
 * What `createContext` takes.
 * @throws UnusableSetting when a file cannot be read
 */
export async function loraOption(adapters: readonly LoraAdapter[]): Promise<Pick<LlamaContextOptions, 'lora'>> {
  if (adapters.length === 0) return {}
  for (const { path } of adapters) {
    await access(path, constants.R_OK).catch((error: NodeJS.ErrnoException) => {
      throw new UnusableSetting(`The LoRA adapter ${path} cannot be read (${error.code}). Put it there, or mend HERMES_LORA`)
    })
  }
  return { lora: { adapters: adapters.map(({ path, scale }) => ({ filePath: path, scale })) } }
}

/** True for what llama.cpp says of an adapter that is damaged or made for another model. */
export function isLoraFailure(error: unknown): boolean {
  return error instanceof Error && /LoRA adapter/i.test(error.message)
}
