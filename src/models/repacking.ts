// Which weights llama.cpp keeps a second copy of: on a CPU it lays those of some types out anew for its fast kernels.
// Seen in ggml/src/ggml-cpu/repack.cpp and amx/ of llama.cpp as node-llama-cpp 3.22 ships it.
import { readFileSync } from 'node:fs'

/** Types of tensors by ggml's numbers: Q4_0, Q2_K, Q4_K, IQ4_NL, MXFP4. */
const everywhere = [2, 10, 12, 20, 39]
/** Q4_1, Q8_0, Q5_K, Q6_K, IQ4_XS: on ARM, and on processors of Intel with AMX. */
const withMatrixUnit = [3, 8, 13, 14, 23]

/** Numbers of the types that this machine lays out anew. */
export function repackedTypes(hasMatrixUnit: boolean = hasMatrixUnitHere()): ReadonlySet<number> {
  return new Set(hasMatrixUnit ? [...everywhere, ...withMatrixUnit] : everywhere)
}

/** True also where it cannot be found out: rather an estimate that is too high. */
function hasMatrixUnitHere(): boolean {
  if (process.arch !== 'x64') return true
  try {
    return /\bamx_int8\b/.test(readFileSync('/proc/cpuinfo', 'utf8'))
  } catch {
    return true
  }
}
