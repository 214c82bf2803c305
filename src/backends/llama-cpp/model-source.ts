// Where a local backend gets models from beyond the one that it runs.
import type { ModelChoice } from '../../models/choose.ts'
import type { SupervisorOptions } from './supervision/supervisor-options.ts'

/** A model that lies where it can be loaded. */
export type FoundModel = Extract<ModelChoice, { path: string }>
/** Why there is none. */
export type MissingModel = Extract<ModelChoice, { problem: string }>

export type ModelSource = {
  /** @param name a catalogue id or a file name; undefined: what the configuration asks for, looked for anew */
  readonly find: (name: string | undefined) => ModelChoice
  /** How its engine is to be run. */
  readonly prepare: (model: FoundModel) => SupervisorOptions
}
