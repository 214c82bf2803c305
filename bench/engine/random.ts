// Seeded random numbers: the same seed gives the same model and the same prompts.

/** xorshift32: fast enough for a thousand million weights. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = Math.imul(seed + 1, 0x9E3779B1) | 1
  }

  /** All 32 bits, signed. */
  next(): number {
    let state = this.#state
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    this.#state = state
    return state
  }

  /** A whole number from 0 to `limit - 1`. */
  below(limit: number): number {
    return (this.next() >>> 0) % limit
  }

  /** Fills all bytes; the length is a multiple of 4. */
  fill(bytes: Uint8Array): void {
    const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
    for (let index = 0; index < words.length; index++) words[index] = this.next()
  }
}
