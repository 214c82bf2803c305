// How much of a long prompt is evaluated at once: as much as a bound of time allows.

/** Prompt tokens evaluated at once. Fewer cost speed, more make aborts slow. */
export const chunkLength = 128
/** When nothing decodes, a fast machine takes more: as many as it evaluates in this time, which an abort may have to wait. */
const longest = { tokens: 256, ms: 400 }
/** A part of a long prompt may take this many times as long as a step. */
const mostSteps = 2
/** Prompt tokens between two steps: bounds (fewer take hardly less time on a CPU), and what is taken before anything was measured. */
const bounds = { least: 16, most: chunkLength, first: 32 }
/** A share changes at most by this factor from one batch to the next. */
const mostChange = 1.3
/** How much the latest measurement counts. */
const weight = 0.2

/** Tokens that fit into a batch of a context with so many slots. */
export function batchSizeOf(slots: number): number {
  return longest.tokens + slots
}

/** Tokens of a long prompt for the next batch when nothing decodes. `tokenMs`: what one takes; undefined: nobody knows. */
export function chunkAlone(tokenMs: number | undefined): number {
  if (tokenMs === undefined) return chunkLength
  // llama.cpp likes round numbers.
  const inTime = Math.floor(longest.ms / tokenMs / 32) * 32
  return Math.min(longest.tokens, Math.max(chunkLength, inTime))
}

/** Shares by the number of slots that decode. */
export class PromptShare {
  /** Milliseconds of a batch in which so many slots decode and nothing else is done. */
  readonly #stepMs: number[] = []
  readonly #shares: number[] = []

  /** Prompt tokens for the next batch, while `decoding` slots, 1 or more, wait for their next step. */
  of(decoding: number): number {
    return Math.round(this.#shareOf(decoding))
  }

  /** A batch took so long: a step of so many slots, or a part of prompts while they waited. */
  note(decoding: number, promptTokens: number, tookMs: number): void {
    if (decoding === 0) return
    if (promptTokens === 0) {
      const known = this.#stepMs[decoding]
      this.#stepMs[decoding] = known === undefined ? tookMs : known + (tookMs - known) * weight
    } else this.#adjust(decoding, promptTokens, tookMs)
  }

  /** Only what was shared out tells about the share: the end of a prompt is shorter, short prompts come on top. */
  #adjust(decoding: number, promptTokens: number, tookMs: number): void {
    const share = this.#shareOf(decoding)
    const stepMs = nearest(this.#stepMs, decoding)
    if (stepMs === undefined || promptTokens !== Math.round(share)) return
    const change = Math.min(mostChange, Math.max(1 / mostChange, stepMs * mostSteps / tookMs))
    this.#shares[decoding] = Math.min(bounds.most, Math.max(bounds.least, share * change))
  }

  #shareOf(decoding: number): number {
    return nearest(this.#shares, decoding) ?? bounds.first
  }
}

/** What is known of so many slots, or of the next smaller number, or of the next larger one. */
function nearest(known: readonly number[], decoding: number): number | undefined {
  return known.slice(0, decoding + 1).findLast((value) => value !== undefined) ?? known.find((value) => value !== undefined)
}
