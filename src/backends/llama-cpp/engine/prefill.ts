// Brings a slot to a prompt: what it or a saved state holds is reused, the rest is evaluated in chunks.
import type { Token } from 'node-llama-cpp'
import { evaluationPriorityOf } from './batching/batching.ts'
import type { BatchScheduler } from './batching/batching.ts'
import type { Intermission } from './batching/intermission.ts'
import { chunkLength } from './batching/prompt-share.ts'
import type { RenderedPrompt } from './prompt/prompt.ts'
import type { Slot, Slots } from './slots.ts'
import type { PromptCache } from './states/prompt-cache.ts'

export type PrefillInput = {
  readonly slot: Slot
  readonly slots: Slots
  readonly prompt: RenderedPrompt
  readonly cache: PromptCache
  readonly scheduler: BatchScheduler
  readonly intermission: Intermission
  readonly signal: AbortSignal
  /** Called after each chunk. */
  readonly onProgress: () => void
}

/**
 * Evaluates the prompt without its last token, which decoding takes. Throws the signal's reason within one chunk.
 * @returns how many tokens needed no evaluation
 */
export async function evaluatePrompt(input: PrefillInput): Promise<number> {
  const { slot, prompt, cache, intermission, signal } = input
  const known = prompt.tokens.slice(0, -1)
  await cache.restore(slot, known)
  signal.throwIfAborted()
  await keepBeginning(slot, known, intermission)
  const cachedTokens = slot.sequence.nextTokenIndex
  const phase = known.length - cachedTokens <= chunkLength ? 'short prompt' : 'prompt'
  const pauseAt = cache.sharedEnd(prompt, cachedTokens)
  if (pauseAt !== undefined && pauseAt < known.length) {
    await evaluateTokens(input, known.slice(0, pauseAt), phase)
    await cache.saveShared(slot)
  }
  await evaluateTokens(input, known, phase)
  signal.throwIfAborted()
  return cachedTokens
}

/** Evaluates what the slot does not hold yet of `tokens`. A long prompt beside decoding slots goes in pieces as small as its share. */
export async function evaluateTokens({ slot, slots, cache, scheduler, intermission, signal, onProgress }: Omit<PrefillInput, 'prompt'>, tokens: Token[], phase: 'short prompt' | 'prompt'): Promise<void> {
  const { sequence } = slot
  slot.phase = phase
  while (sequence.nextTokenIndex < tokens.length) {
    await intermission.over
    signal.throwIfAborted()
    const start = sequence.nextTokenIndex
    const startedAt = performance.now()
    const isAlone = slots.evaluating === 1
    const most = phase === 'prompt' ? scheduler.promptChunk : chunkLength
    await sequence.evaluateWithoutGeneratingNewTokens(tokens.slice(start, start + most), { evaluationPriority: evaluationPriorityOf(slot) })
    if (isAlone) cache.noteSpeed(sequence.nextTokenIndex - start, performance.now() - startedAt)
    onProgress()
  }
  slot.phase = 'taken'
}

/** Takes from the slot what is not the beginning of `tokens`. */
export async function keepBeginning({ sequence }: Slot, tokens: Token[], intermission: Intermission): Promise<void> {
  if (sequence.compareContextTokens(tokens).firstDifferentIndex === sequence.nextTokenIndex) return
  // Without the false, tokens after an edit would be shifted instead of evaluated anew: another answer than a cold one.
  const adapt = () => sequence.adaptStateToTokens(tokens, false)
  // Sequences that need checkpoints may evaluate in it, which must not wait for itself.
  await (sequence.needsCheckpoints ? adapt() : intermission.run(adapt))
}
