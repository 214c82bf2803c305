// What a supervisor is given: how its engine is started, how long it is kept, and how it is unloaded.
import type { MemoryClaim } from '../../../models/memory-claim.ts'
import type { EngineRunOptions } from './engine-run.ts'

export type SupervisorOptions = EngineRunOptions & {
  /**
   * Looks at the model file before an engine is started for it, and takes the claim on its memory where it has one.
   * @param inPlaceOf the claim of an engine that has ended for this one
   * @throws Error that says what is wrong
   */
  checkModel: (inPlaceOf?: MemoryClaim) => Promise<void>
  /** Given back after a failed start, when the model is unloaded, and at the end. An engine that ran and died keeps it for its next start. */
  claim?: MemoryClaim
  /** An engine that nobody used for so long is ended, and started by the next request. Infinity by default: never. */
  keepAliveMs?: number
}

/** How an engine is unloaded. */
export type Unloading = {
  /** The next request loads it again; else requests fail until `load`. */
  readonly loadsOnDemand: boolean
  /** Its claim stays, for one who takes it over. */
  readonly keepsClaim?: boolean
}
