// How the next token is drawn, from a request and the engine's settings.
import { randomInt } from 'node:crypto'
import type { SequenceEvaluateOptions, Token } from 'node-llama-cpp'
import type { InferenceRequest } from '../../../../inference/request.ts'

/** A seed of llama.cpp is 32 bits wide, and the highest value means "random". */
const seeds = 2 ** 32 - 1

export type Sampling = {
  readonly topK: number
  readonly topP: number
  readonly temperature: number
  readonly seed: number
  /** True: the same request is to give the same text again. */
  readonly isRepeatable: boolean
  readonly repeatPenalty?: NonNullable<SequenceEvaluateOptions['repeatPenalty']>
}

export type SamplingBounds = {
  /** Tokens of the answer at most. */
  readonly mostTokens: number
  /** The tokens of the answer so far, which the penalties of the request are for. */
  readonly said: () => Token[]
}

/**
 * A seed is always given: node-llama-cpp takes the second of the clock where there is none, and all who ask within it
 * would get the same text.
 */
export function samplingOf(request: InferenceRequest, { temperature, isDeterministic }: { temperature: number, isDeterministic: boolean }, bounds: SamplingBounds): Sampling {
  const seed = request.seed ?? (isDeterministic ? 0 : undefined)
  return {
    temperature: request.temperature ?? temperature,
    topK: 40,
    topP: request.topP ?? 0.95,
    seed: seed === undefined ? randomInt(seeds) : ((seed % seeds) + seeds) % seeds,
    isRepeatable: seed !== undefined,
    ...hasPenalty(request) && { repeatPenalty: penaltyOf(request, bounds) }
  }
}

function hasPenalty({ frequencyPenalty = 0, presencePenalty = 0 }: InferenceRequest): boolean {
  return frequencyPenalty !== 0 || presencePenalty !== 0
}

/** Newlines count like all else, as they do elsewhere. */
function penaltyOf({ frequencyPenalty = 0, presencePenalty = 0 }: InferenceRequest, { said, mostTokens }: SamplingBounds): NonNullable<Sampling['repeatPenalty']> {
  return { penalty: 1, frequencyPenalty, presencePenalty, punishTokens: said, maxPunishTokens: mostTokens }
}
