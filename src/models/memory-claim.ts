// One local model's claim on the memory that all share.
import type { MemoryBudget, MemoryHolder } from './memory-budget.ts'
import { estimateMemory, longestContextThatFits } from './memory-fit.ts'
import type { FitOptions, MemoryEstimate } from './memory-fit.ts'
import { readModelFacts } from './model-facts.ts'
import { smallerModel } from './smaller-model.ts'

export type MemoryClaimOptions = {
  /** Of the backend. */
  readonly name: string
  /** Of the model file. */
  readonly path: string
  /** Where a smaller model is looked for when this one does not fit. */
  readonly folder: string
  readonly fit: FitOptions
  readonly budget: MemoryBudget
}

/** What the header of a model told. */
export type ClaimDetails = {
  /** Of its weights, in all its files. */
  readonly sizeBytes: number
  /** Megabytes of 10^6 bytes. */
  readonly memoryNeed: { readonly weightsMb: number, readonly kvCacheMb: number, readonly buffersMb: number, readonly totalMb: number }
}

export class MemoryClaim implements MemoryHolder {
  readonly name: string
  readonly #options: MemoryClaimOptions
  #details: ClaimDetails | undefined
  #onRoom: () => void = () => undefined

  constructor(options: MemoryClaimOptions) {
    this.name = options.name
    this.#options = options
  }

  /** Known once the model's file was read. */
  get details(): ClaimDetails | undefined {
    return this.#details
  }

  /**
   * Looks at the model file and reserves what it needs. Takes its turn at once, before any wait.
   * @param inPlaceOf a claim that ends with this: what it has is taken over
   * @throws Error when the file is no usable model
   * @throws DoesNotFit
   */
  take(inPlaceOf?: MemoryClaim): Promise<void> {
    return this.#options.budget.reserve(this, () => this.#need(), { inPlaceOf })
  }

  /**
   * As `take`, but reserves nothing: whether it would fit in place of the other.
   * @throws as `take`
   */
  try(inPlaceOf: MemoryClaim): Promise<void> {
    return this.#options.budget.reserve(this, () => this.#need(), { inPlaceOf, isTrial: true })
  }

  /** `listener` is called when there may be room after a refusal. */
  whenRoom(listener: () => void): void {
    this.#onRoom = listener
  }

  onRoom(): void {
    this.#onRoom()
  }

  /** Gives it back. */
  release(): void {
    this.#options.budget.release(this)
  }

  /** Gives it back and never asks again. */
  withdraw(): void {
    this.#options.budget.withdraw(this)
  }

  async #need() {
    const { path, folder, fit } = this.#options
    const facts = await readModelFacts(path)
    // The pages of a mapped file that llama.cpp has laid out anew are never read again: the system drops them when others need memory.
    const options = { ...fit, hasMmap: false }
    const parts = estimateMemory(facts, options)
    this.#details = { sizeBytes: facts.weightBytes, memoryNeed: needOf(parts) }
    return {
      totalMb: parts.totalMb, parts,
      longestContext: (freeMb: number) => longestContextThatFits(facts, options, freeMb),
      smallerModel: (freeMb: number) => smallerModel({ freeMb, fit: options, folder, than: path })
    }
  }
}

function needOf({ weightsMb, kvCacheMb, computeMb, processMb, totalMb }: MemoryEstimate): ClaimDetails['memoryNeed'] {
  return { weightsMb, kvCacheMb, buffersMb: computeMb + processMb, totalMb }
}
