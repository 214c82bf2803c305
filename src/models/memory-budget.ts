// The memory that local models share: each reserves what it will need before it takes any.
import type { MemoryEstimate } from './memory-fit.ts'
import type { MemoryLimit } from './memory-limit.ts'

/** What a model needs. */
export type MemoryNeed = {
  readonly totalMb: number
  /** What the total is made of, where that is known. */
  readonly parts?: MemoryEstimate
  /** The longest context with which it would take at most `freeMb`; undefined when there is none. */
  longestContext(freeMb: number): number | undefined
  /** A model that takes at most `freeMb`, in words such as "mini-1b-q4, which is installed"; undefined: none is known. */
  smallerModel?(freeMb: number): Promise<string | undefined>
}

/** Who reserves. Its identity counts, so that an engine and the one that replaces it are two. */
export type MemoryHolder = {
  readonly name: string
  /** Called once after a refusal, when others have given back as much as it needs: it may ask again. */
  readonly onRoom?: () => void
}

export type ReserveOptions = {
  /** Its reservation counts as free and goes over to the one that asks; it comes back when that one releases it. */
  readonly inPlaceOf?: MemoryHolder | undefined
  /** Nothing is reserved: it is only asked whether it could be. */
  readonly isTrial?: boolean
}

/** A model does not fit. The message continues "could not be loaded:". */
export class DoesNotFit extends Error {}

/** Reservations within one limit. Turns are kept: who asks first, even with a slow disk, is served first. */
export class MemoryBudget {
  readonly #limit: MemoryLimit
  readonly #reserved = new Map<MemoryHolder, number>()
  /** Those that were refused, and what they need. */
  readonly #refused = new Map<MemoryHolder, number>()
  /** What was taken over, by those who have it now. */
  readonly #lent = new Map<MemoryHolder, { readonly owner: MemoryHolder, readonly mb: number }>()
  #turn: Promise<unknown> = Promise.resolve()

  constructor(limit: MemoryLimit) {
    this.#limit = limit
  }

  get freeMb(): number {
    return this.#limit.mb - this.#total(this.#reserved.keys())
  }

  /** What `holder` has; 0 when it has nothing. */
  reservedMb(holder: MemoryHolder): number {
    return this.#reserved.get(holder) ?? 0
  }

  /**
   * Reserves what `need` tells, in place of what `holder` had. Nothing of it remains when this throws.
   * @param need called when those that asked before have their answers
   * @throws DoesNotFit, or what `need` threw
   */
  reserve(holder: MemoryHolder, need: () => Promise<MemoryNeed>, options: ReserveOptions = {}): Promise<void> {
    const reserved = this.#turn.then(() => this.#serve(holder, need, options))
    this.#turn = reserved.catch(() => undefined)
    return reserved
  }

  /** Gives back what `holder` has, if anything. Those that were refused and fit now are told. */
  release(holder: MemoryHolder): void {
    if (!this.#reserved.delete(holder)) return
    const lent = this.#lent.get(holder)
    this.#lent.delete(holder)
    if (lent) this.#reserved.set(lent.owner, lent.mb)
    for (const [other, needMb] of this.#refused) {
      if (needMb > this.freeMb) continue
      this.#refused.delete(other)
      other.onRoom?.()
    }
  }

  /** As `release`, and `holder` will never ask again nor have anything back. */
  withdraw(holder: MemoryHolder): void {
    this.#refused.delete(holder)
    for (const [borrower, { owner }] of this.#lent) {
      if (owner === holder) this.#lent.delete(borrower)
    }
    this.release(holder)
  }

  /** What `holder` had stays its own until it is known what it needs now. */
  async #serve(holder: MemoryHolder, need: () => Promise<MemoryNeed>, { inPlaceOf, isTrial = false }: ReserveOptions): Promise<void> {
    try {
      const asked = await need()
      const own = [holder, ...inPlaceOf ? [inPlaceOf] : []]
      const freeMb = this.freeMb + this.#total(own)
      if (asked.totalMb > freeMb) throw await this.#refuse(holder, asked, own, isTrial)
      if (isTrial) return
      this.#refused.delete(holder)
      if (inPlaceOf) this.#lend(inPlaceOf, holder)
      this.#reserved.set(holder, asked.totalMb)
    } catch (error) {
      if (!isTrial) this.release(holder)
      throw error
    }
  }

  #lend(owner: MemoryHolder, to: MemoryHolder): void {
    this.#lent.set(to, { owner, mb: this.reservedMb(owner) })
    this.#reserved.delete(owner)
  }

  /** @param own holders whose reservations count as free */
  async #refuse(holder: MemoryHolder, { totalMb, parts, longestContext, smallerModel }: MemoryNeed, own: readonly MemoryHolder[], isTrial: boolean): Promise<DoesNotFit> {
    if (!isTrial) this.#refused.set(holder, totalMb)
    const { mb, source } = this.#limit
    const others = [...this.#reserved.keys()].filter((other) => !own.includes(other))
    const freeMb = mb - this.#total(others)
    const names = others.map((other) => other.name === holder.name ? 'the engine that it replaces' : other.name)
    const taken = others.length === 0 ? '' : `, and ${this.#total(others)} MB of that are reserved by ${names.join(', ')}, which leaves ${freeMb} MB`
    const advice = adviceFor(longestContext(freeMb), await smallerModel?.(freeMb), source)
    return new DoesNotFit(`it needs ${totalMb} MB${partsText(parts)}, but the limit is ${mb} MB (${source})${taken}. ${advice}`)
  }

  #total(holders: Iterable<MemoryHolder>): number {
    return [...holders].reduce((sum, holder) => sum + this.reservedMb(holder), 0)
  }
}

/** The three numbers of a model: weights, KV cache, and buffers with the process. */
function partsText(parts: MemoryEstimate | undefined): string {
  return parts === undefined ? '' : ` (${parts.weightsMb} for weights, ${parts.kvCacheMb} for the KV cache, ${parts.computeMb + parts.processMb} for buffers)`
}

function adviceFor(contextLength: number | undefined, smaller: string | undefined, source: string): string {
  const more = source === 'HERMES_MAX_MEMORY_MB' ? 'raise HERMES_MAX_MEMORY_MB' : 'give the machine more memory'
  const model = smaller === undefined ? 'use a smaller model' : `use a smaller model (${smaller})`
  if (contextLength === undefined) return `No context length makes it fit: ${model} or ${more}.`
  return `A context length of ${contextLength} tokens would fit (HERMES_CONTEXT_LENGTH): lower it to that, ${model} or ${more}.`
}
