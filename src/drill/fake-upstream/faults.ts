// The table of every fault the fake upstream can inject.
import { connectionFaults } from './connection-faults.ts'
import type { FaultEntry, FaultStrength } from './fault.ts'
import { statusFaults } from './status-faults.ts'
import { streamFaults } from './stream-faults.ts'
import { toolCallFaults } from './tool-call-faults.ts'

const table = { ...streamFaults, ...connectionFaults, ...statusFaults, ...toolCallFaults }

/** A fault by name; `none` is none. */
export type Fault = keyof typeof table

export const faults: Readonly<Record<Fault, FaultEntry>> = table

export const faultNames = Object.keys(table) as Fault[]

/** A fault, how strong, and for how many requests; without `times` for all that follow. */
export type FaultStep = FaultStrength & { readonly fault: Fault, readonly times?: number }
