// Whether a model is to think before it answers.
import type { ReasoningEffort } from '../../inference/request.ts'

/** By effort where one is asked for. Else the route reasoning is to think, the others are to answer at once; a backend asked by name keeps its own habit. */
export function thinkingOf(model: string | undefined, effort?: ReasoningEffort): { thinking?: boolean } {
  if (effort !== undefined) return { thinking: effort !== 'none' }
  if (model === 'reasoning') return { thinking: true }
  return model === undefined || model === 'default' || model === 'fast' ? { thinking: false } : {}
}
