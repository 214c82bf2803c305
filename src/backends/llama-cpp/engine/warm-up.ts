// What happens before an engine is ready: one token is decoded, and the warm prompt is evaluated into every slot.
import type { BatchScheduler } from './batching.ts'
import type { PromptCache } from './prompt-cache.ts'
import type { PromptRenderer } from './prompt.ts'
import type { Slot, Slots } from './slots.ts'
import { chunkLength } from './batching.ts'

export type WarmUpInput = {
  readonly slots: Slots
  readonly renderer: PromptRenderer
  readonly cache: PromptCache
  readonly scheduler: BatchScheduler
  readonly warmPrompt: string | undefined
}

/** @throws what llama.cpp throws when the model cannot decode */
export async function warmUp({ slots, renderer, cache, warmPrompt }: WarmUpInput): Promise<void> {
  await decodeOneToken(slots.all[0]!, renderer)
  if (warmPrompt === undefined) return
  const tokens = renderer.systemTokens(warmPrompt).slice(0, slots.all[0]!.sequence.contextSize - 2)
  for (const [index, slot] of slots.all.entries()) {
    await cache.restore(slot, tokens)
    await slot.sequence.adaptStateToTokens(tokens, false)
    while (slot.sequence.nextTokenIndex < tokens.length) {
      const start = slot.sequence.nextTokenIndex
      const startedAt = performance.now()
      await slot.sequence.evaluateWithoutGeneratingNewTokens(tokens.slice(start, start + chunkLength))
      cache.noteSpeed(slot.sequence.nextTokenIndex - start, performance.now() - startedAt)
    }
    // The other slots read it instead of evaluating it again.
    if (index === 0) await cache.saveShared(slot)
  }
}

async function decodeOneToken({ sequence }: Slot, renderer: PromptRenderer): Promise<void> {
  const { tokens } = renderer.render([{ role: 'user', content: 'Hello' }])
  const generation = sequence.evaluate(tokens.slice(0, sequence.contextSize - 2), { temperature: 0 })
  await generation.next()
  await generation.return()
}
