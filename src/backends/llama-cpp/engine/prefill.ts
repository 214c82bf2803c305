// Brings a slot to a prompt: what it or a saved state holds is reused, the rest is evaluated in chunks.
import type { Token } from 'node-llama-cpp'
import type { Batcher } from './batching/batcher.ts'
import { chunkLength } from './batching/prompt-share.ts'
import type { RenderedPrompt } from './prompt/prompt.ts'
import type { Slot } from './slots.ts'
import type { PromptCache } from './states/prompt-cache.ts'

export type PrefillInput = {
  readonly slot: Slot
  readonly prompt: RenderedPrompt
  readonly cache: PromptCache
  readonly batcher: Batcher
  readonly signal: AbortSignal
  /** True: the last token is evaluated alone, whatever came before it, so that its numbers are always the same. */
  readonly isDeterministic: boolean
  /** Called after each chunk. */
  readonly onProgress: () => void
}

export type Prefilled = {
  /** Tokens that needed no evaluation. */
  readonly cachedTokens: number
  /** The end of the prompt, at most a chunk and at least a token: decoding evaluates it with its first step. */
  readonly rest: readonly Token[]
}

/** Evaluates the prompt without its end, and leaves the slot in the phase of what is left. Throws the signal's reason within one chunk. */
export async function evaluatePrompt(input: PrefillInput): Promise<Prefilled> {
  const { slot, prompt, cache, batcher, signal, isDeterministic } = input
  const known = prompt.tokens.slice(0, -1)
  await cache.restore(slot, known)
  signal.throwIfAborted()
  await keepBeginning(slot, known, batcher)
  const cachedTokens = slot.sequence.nextTokenIndex
  const phase = known.length - cachedTokens <= chunkLength ? 'short prompt' : 'prompt'
  const pauseAt = cache.sharedEnd(prompt, cachedTokens)
  if (pauseAt !== undefined && pauseAt < known.length) {
    await evaluateTokens(input, known.slice(0, pauseAt), { phase })
    await cache.saveShared(slot)
  }
  await evaluateTokens(input, known, { phase, leavesEnd: !isDeterministic })
  signal.throwIfAborted()
  const rest = prompt.tokens.slice(slot.sequence.nextTokenIndex)
  slot.phase = rest.length > 1 ? phase : 'decoding'
  return { cachedTokens, rest }
}

type EvaluateInput = Pick<PrefillInput, 'slot' | 'batcher' | 'signal' | 'onProgress'>

type EvaluateOptions = {
  readonly phase: 'short prompt' | 'prompt'
  /** The last piece is left, with room for a token more. */
  readonly leavesEnd?: boolean
}

/** Evaluates what the slot does not hold yet of `tokens`. A long prompt beside decoding slots goes in pieces as small as its share. */
export async function evaluateTokens({ slot, batcher, signal, onProgress }: EvaluateInput, tokens: readonly Token[], { phase, leavesEnd = false }: EvaluateOptions): Promise<void> {
  const { sequence } = slot
  slot.phase = phase
  while (sequence.nextTokenIndex < tokens.length) {
    signal.throwIfAborted()
    const start = sequence.nextTokenIndex
    const most = phase === 'prompt' ? batcher.promptChunk : chunkLength
    if (leavesEnd && tokens.length - start < most) break
    await batcher.evaluate(slot, tokens.slice(start, start + most))
    onProgress()
  }
  slot.phase = 'taken'
}

/** Takes from the slot what is not the beginning of `tokens`. */
export async function keepBeginning({ sequence }: Slot, tokens: Token[], batcher: Batcher): Promise<void> {
  if (sequence.compareContextTokens(tokens).firstDifferentIndex === sequence.nextTokenIndex) return
  // Without the false, tokens after an edit would be shifted instead of evaluated anew: another answer than a cold one.
  await batcher.change(() => sequence.adaptStateToTokens(tokens, false))
}
