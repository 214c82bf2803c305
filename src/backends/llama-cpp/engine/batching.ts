// Makes llama.cpp decode all active slots in one batch.
import type { CustomBatchingPrioritizationStrategy } from 'node-llama-cpp'

/** Microtask turns that a batch waits for a straggler before it goes without it. */
const patience = 32

/**
 * A prioritization strategy that waits until every active slot has queued its tokens, and lets single tokens
 * (decoding) go before long runs (prompts), so that a long prompt does not stop the other slots.
 * node-llama-cpp 3.22 dispatches as soon as anything is queued, which loses one slot of every batch.
 * @param activeSlots how many slots are evaluating right now
 */
export function waitForStragglers(activeSlots: () => number): CustomBatchingPrioritizationStrategy {
  let turnsWaited = 0
  return ({ items, size }) => {
    if (items.length < activeSlots() && turnsWaited < patience) {
      turnsWaited++
      return []
    }
    turnsWaited = 0
    let left = size
    return items.toSorted((a, b) => a.tokens.length - b.tokens.length).flatMap((item) => {
      const processAmount = Math.min(item.tokens.length, left)
      left -= processAmount
      return processAmount > 0 ? [{ item, processAmount }] : []
    })
  }
}
