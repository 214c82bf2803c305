// What happens before an engine is ready: one token is decoded, and the warm prompt is evaluated into every slot.
import type { Batcher } from '../batching/batcher.ts'
import { evaluateTokens, keepBeginning } from '../prefill.ts'
import type { PromptRenderer } from '../prompt/prompt.ts'
import type { Slot, Slots } from '../slots.ts'
import type { PromptCache } from '../states/prompt-cache.ts'

export type WarmUpInput = {
  readonly slots: Slots
  readonly cache: PromptCache
  readonly batcher: Batcher
  readonly renderer: PromptRenderer
  readonly warmPrompt: string | undefined
}

/** @throws what llama.cpp throws when the model cannot decode */
export async function warmUp({ slots, cache, batcher, renderer, warmPrompt }: WarmUpInput): Promise<void> {
  await decodeOneToken(slots.all[0]!, batcher, renderer)
  if (warmPrompt === undefined) return
  const tokens = renderer.systemTokens(warmPrompt).slice(0, slots.all[0]!.sequence.contextSize - 2)
  for (const slot of slots.all) {
    await cache.restore(slot, tokens)
    await keepBeginning(slot, tokens, batcher)
    await evaluateTokens({ slot, batcher, signal: new AbortController().signal, onProgress: () => undefined }, tokens, { phase: 'prompt' })
    slot.phase = 'idle'
    // The other slots read it instead of evaluating it again.
    if (slot.index === 0) await cache.saveShared(slot)
  }
}

async function decodeOneToken(slot: Slot, batcher: Batcher, renderer: PromptRenderer): Promise<void> {
  const { tokens } = renderer.render({ messages: [{ role: 'user', content: 'Hello' }], stop: [] })
  slot.sampler.begin({ temperature: 0 })
  slot.phase = 'short prompt'
  await batcher.decode(slot, tokens.slice(0, slot.sequence.contextSize - 2), () => undefined)
  slot.phase = 'idle'
}
