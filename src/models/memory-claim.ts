// One local model's claim on the memory that all share.
import type { MemoryBudget, MemoryHolder } from './memory-budget.ts'
import { estimateMemory, longestContextThatFits } from './memory-fit.ts'
import type { FitOptions } from './memory-fit.ts'
import { readModelFacts } from './model-facts.ts'

export class MemoryClaim implements MemoryHolder {
  readonly name: string
  readonly #path: string
  readonly #options: FitOptions
  readonly #budget: MemoryBudget

  /** @param name of the backend */
  constructor(name: string, path: string, options: FitOptions, budget: MemoryBudget) {
    this.name = name
    this.#path = path
    this.#options = options
    this.#budget = budget
  }

  /**
   * Looks at the model file and reserves what it needs. Takes its turn at once, before any wait.
   * @throws Error when the file is no usable model
   * @throws DoesNotFit
   */
  take(): Promise<void> {
    return this.#budget.reserve(this, async () => {
      const facts = await readModelFacts(this.#path)
      // The pages of a mapped file that llama.cpp has laid out anew are never read again: the system drops them when others need memory.
      const options = { ...this.#options, hasMmap: false }
      return { totalMb: estimateMemory(facts, options).totalMb, longestContext: (freeMb) => longestContextThatFits(facts, options, freeMb) }
    })
  }

  /** Gives it back. */
  release(): void {
    this.#budget.release(this)
  }
}
