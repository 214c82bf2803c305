// How much memory local models may take together: what the configuration allows, within what the machine has.
import { totalmem } from 'node:os'

export type MemoryLimit = {
  /** Megabytes of 10^6 bytes. */
  readonly mb: number
  /** What sets it, in words for an error message. */
  readonly source: string
}

/** @param machineBytes of this machine, or of the container that it gives us */
export function memoryLimit(maxMemoryMb: number, machineBytes: number = machineMemoryBytes()): MemoryLimit {
  const machineMb = Math.floor(machineBytes / 1e6)
  return maxMemoryMb <= machineMb ? { mb: maxMemoryMb, source: 'HERMES_MAX_MEMORY_MB' } : { mb: machineMb, source: 'the memory of this machine' }
}

/** constrainedMemory() gives 0, or more than there is, where nothing constrains. */
function machineMemoryBytes(): number {
  const constrained = process.constrainedMemory()
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem()
}
