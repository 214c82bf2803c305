// What happens before an engine is ready: one token is decoded, and the warm prompt is evaluated into every slot.
import { evaluationPriorityOf } from '../batching/batching.ts'
import { evaluateTokens, keepBeginning } from '../prefill.ts'
import type { PrefillInput } from '../prefill.ts'
import type { PromptRenderer } from '../prompt/prompt.ts'
import type { Slot } from '../slots.ts'

export type WarmUpInput = Pick<PrefillInput, 'slots' | 'cache' | 'scheduler' | 'intermission'> & {
  readonly renderer: PromptRenderer
  readonly warmPrompt: string | undefined
}

/** @throws what llama.cpp throws when the model cannot decode */
export async function warmUp({ renderer, warmPrompt, ...input }: WarmUpInput): Promise<void> {
  const { slots, cache } = input
  await decodeOneToken(slots.all[0]!, renderer)
  if (warmPrompt === undefined) return
  const tokens = renderer.systemTokens(warmPrompt).slice(0, slots.all[0]!.sequence.contextSize - 2)
  for (const slot of slots.all) {
    await cache.restore(slot, tokens)
    await keepBeginning(slot, tokens, input.intermission)
    await evaluateTokens({ ...input, slot, signal: new AbortController().signal, onProgress: () => undefined }, tokens, 'prompt')
    slot.phase = 'idle'
    // The other slots read it instead of evaluating it again.
    if (slot.index === 0) await cache.saveShared(slot)
  }
}

async function decodeOneToken(slot: Slot, renderer: PromptRenderer): Promise<void> {
  const { tokens } = renderer.render({ messages: [{ role: 'user', content: 'Hello' }], stop: [] })
  const generation = slot.sequence.evaluate(tokens.slice(0, slot.sequence.contextSize - 2), { temperature: 0, evaluationPriority: evaluationPriorityOf(slot) })
  await generation.next()
  await generation.return()
}
