// Random rows of a matrix in the block formats of ggml, written without the numbers that they stand for.
import type { Random } from './random.ts'

const blockLength = 32

/** A block is a 16-bit scale and 32 quantised weights. */
export type BlockFormat = {
  /** Number of the format in a GGUF file. */
  readonly type: number
  readonly blockBytes: number
  /** Standard deviation of an evenly distributed quantised weight. */
  readonly deviation: number
}

/** 32 signed bytes; -128 does not occur in real files and is left out. */
export const q8: BlockFormat = { type: 8, blockBytes: 34, deviation: 254 / Math.sqrt(12) }
/** 32 half bytes, each minus 8. */
export const q4: BlockFormat = { type: 2, blockBytes: 18, deviation: 15 / Math.sqrt(12) }

export function rowBytes({ blockBytes }: BlockFormat, columns: number): number {
  return columns / blockLength * blockBytes
}

/** One row whose weights have the standard deviation `sigma`; 0 gives a row of zeros. */
export class RowMaker {
  readonly #format: BlockFormat
  readonly #random: Random
  readonly #scale: Uint8Array
  readonly #noise: Uint8Array

  constructor(format: BlockFormat, columns: number, sigma: number, random: Random) {
    this.#format = format
    this.#random = random
    this.#scale = new Uint8Array(Float16Array.of(sigma / format.deviation).buffer)
    this.#noise = new Uint8Array(columns / blockLength * (format.blockBytes - 2))
  }

  /** Writes a random row to the beginning of `target`. */
  write(target: Uint8Array): void {
    const { blockBytes, type } = this.#format
    const noise = this.#noise
    this.#random.fill(noise)
    if (type === q8.type) for (let index = 0; index < noise.length; index++) if (noise[index] === 0x80) noise[index] = 0x81
    const weightBytes = blockBytes - 2
    for (let from = 0, to = 0; from < noise.length; from += weightBytes, to += blockBytes) {
      target.set(this.#scale, to)
      target.set(noise.subarray(from, from + weightBytes), to + 2)
    }
  }
}
