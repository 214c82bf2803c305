// How the weights of a model are stored, in one word such as Q4_K_M.
import type { GgufHeader, GgufTensor } from './gguf-header.ts'
import { numbersOf, tensorTypeName } from './tensor-types.ts'

/** By the number of general.file_type, as in llama_ftype of llama.cpp; gaps are forms that no longer exist. */
const fileTypes: Readonly<Record<number, string>> = {
  0: 'F32', 1: 'F16', 2: 'Q4_0', 3: 'Q4_1', 7: 'Q8_0', 8: 'Q5_0', 9: 'Q5_1', 10: 'Q2_K', 11: 'Q3_K_S', 12: 'Q3_K_M', 13: 'Q3_K_L', 14: 'Q4_K_S', 15: 'Q4_K_M',
  16: 'Q5_K_S', 17: 'Q5_K_M', 18: 'Q6_K', 19: 'IQ2_XXS', 20: 'IQ2_XS', 21: 'Q2_K_S', 22: 'IQ3_XS', 23: 'IQ3_XXS', 24: 'IQ1_S', 25: 'IQ4_NL', 26: 'IQ3_S',
  27: 'IQ3_M', 28: 'IQ2_S', 29: 'IQ2_M', 30: 'IQ4_XS', 31: 'IQ1_M', 32: 'BF16', 36: 'TQ1_0', 37: 'TQ2_0', 38: 'MXFP4', 39: 'NVFP4'
}

/** What the header says, else the type of most weights; undefined when both are unknown. */
export function quantisationOf({ values, tensors }: GgufHeader): string | undefined {
  return fileTypes[Number(values.get('general.file_type') ?? NaN)] ?? mostCommonType(tensors)
}

function mostCommonType(tensors: readonly GgufTensor[]): string | undefined {
  const numbers = [...Map.groupBy(tensors, ({ type }) => type)].map(([type, of]) => ({ type, count: of.reduce((sum, tensor) => sum + numbersOf(tensor), 0) }))
  const [most] = numbers.toSorted((a, b) => b.count - a.count)
  return most && tensorTypeName(most.type)
}
