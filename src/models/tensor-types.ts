// How ggml stores numbers: the types of tensors by their numbers, with the bytes that a block of numbers takes.
// Numbers and sizes as in gguf-py/gguf/constants.py of llama.cpp.
import type { GgufTensor } from './gguf-header.ts'

type TensorType = readonly [name: string, numbers: number, bytes: number]

const tensorTypes = new Map<number, TensorType>([
  [0, ['F32', 1, 4]], [1, ['F16', 1, 2]], [2, ['Q4_0', 32, 18]], [3, ['Q4_1', 32, 20]], [6, ['Q5_0', 32, 22]], [7, ['Q5_1', 32, 24]],
  [8, ['Q8_0', 32, 34]], [9, ['Q8_1', 32, 36]], [10, ['Q2_K', 256, 84]], [11, ['Q3_K', 256, 110]], [12, ['Q4_K', 256, 144]],
  [13, ['Q5_K', 256, 176]], [14, ['Q6_K', 256, 210]], [15, ['Q8_K', 256, 292]], [16, ['IQ2_XXS', 256, 66]], [17, ['IQ2_XS', 256, 74]],
  [18, ['IQ3_XXS', 256, 98]], [19, ['IQ1_S', 256, 50]], [20, ['IQ4_NL', 32, 18]], [21, ['IQ3_S', 256, 110]], [22, ['IQ2_S', 256, 82]],
  [23, ['IQ4_XS', 256, 136]], [24, ['I8', 1, 1]], [25, ['I16', 1, 2]], [26, ['I32', 1, 4]], [27, ['I64', 1, 8]], [28, ['F64', 1, 8]],
  [29, ['IQ1_M', 256, 56]], [30, ['BF16', 1, 2]], [34, ['TQ1_0', 256, 54]], [35, ['TQ2_0', 256, 66]], [39, ['MXFP4', 32, 17]]
])

/** Undefined for a type that is newer than this table. */
export function tensorTypeName(type: number): string | undefined {
  return tensorTypes.get(type)?.[0]
}

export function numbersOf({ dimensions }: GgufTensor): number {
  return dimensions.reduce((product, dimension) => product * dimension, 1)
}

/** Bytes of the weights that lie beyond the end of the file; of a type that is newer than this table nothing is known. */
export function missingBytes(tensor: GgufTensor): number {
  const [, numbers, bytes] = tensorTypes.get(tensor.type) ?? ['', 1, 0]
  return Math.max(0, Math.ceil(numbersOf(tensor) / numbers) * bytes - tensor.bytes)
}
