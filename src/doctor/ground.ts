// What all checks look at: the configuration as far as it can be used, the machine, and one trial of the engine for whoever asks.
import type { Environment } from '../config/load.ts'
import type { LlamaCppSpec } from '../config/specs.ts'
import { embeddedModelPath, readCatalogue } from '../models/catalogue.ts'
import { runEngineTrial } from './engine-trial.ts'
import type { EngineTrial } from './engine-trial.ts'
import { thisMachine } from './machine.ts'
import type { Machine } from './machine.ts'
import { usableConfiguration } from './usable-configuration.ts'
import type { UsableConfiguration } from './usable-configuration.ts'

export type DoctorOptions = {
  /** Leaves out what asks another machine. */
  readonly isOffline: boolean
  /** Reads whole model files for their checksums. */
  readonly isVerifying: boolean
}

export type Ground = UsableConfiguration & DoctorOptions & {
  readonly machine: Machine
  /** One child process, however often this is called; only the first signal counts. */
  trial(signal: AbortSignal): Promise<EngineTrial>
}

/** @param envFile such as .env */
export async function readGround(variables: Environment, envFile: string, options: DoctorOptions): Promise<Ground> {
  const usable = await usableConfiguration(variables, envFile)
  let trial: Promise<EngineTrial> | undefined
  return {
    ...usable,
    ...options,
    machine: thisMachine(),
    trial: (signal) => trial ??= runEngineTrial({ modelPath: embeddedModelPath(readCatalogue()), gpu: usable.config.HERMES_GPU, signal })
  }
}

/** The backends that run a model in Switch's own engine. */
export function localSpecs({ specs }: Pick<Ground, 'specs'>): LlamaCppSpec[] {
  return specs.backends.filter((spec) => spec.type === 'llama-cpp')
}
