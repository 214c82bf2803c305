// Draws the next token of a slot. One for each slot, for ever: llama.cpp's samplers keep a list as long as the vocabulary
// each, and one for each answer would lie about until garbage is collected.
import type { LlamaContextSequence, SequenceEvaluateOptions } from 'node-llama-cpp'
import { createNativeSampler, samplerConfigOf } from '../native.ts'
import type { NativeSampler } from '../native.ts'

/** The sampler of one sequence. */
export class Sampler {
  readonly native: NativeSampler
  readonly #sequence: LlamaContextSequence

  constructor(sequence: LlamaContextSequence) {
    this.#sequence = sequence
    this.native = createNativeSampler(sequence.model)
  }

  /** Forgets the last answer, its random numbers too, and draws by `options` from now on. */
  begin({ seed = 0, ...options }: SequenceEvaluateOptions): void {
    // Random numbers begin anew only where the seed changes.
    this.native.applyConfig({ seed: seed === 0 ? 1 : 0 })
    this.change({ ...options, seed })
  }

  /** Draws by other options, with the random numbers and penalties going on. */
  change(options: SequenceEvaluateOptions): void {
    this.native.applyConfig(samplerConfigOf(this.#sequence, options))
  }
}
