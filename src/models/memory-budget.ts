// The memory that local models share: each reserves what it will need before it takes any.
import type { MemoryLimit } from './memory-limit.ts'

/** What a model needs. */
export type MemoryNeed = {
  readonly totalMb: number
  /** The longest context with which it would take at most `freeMb`; undefined when there is none. */
  longestContext(freeMb: number): number | undefined
}

/** Who reserves. Its identity counts, so that an engine and the one that replaces it are two. */
export type MemoryHolder = { readonly name: string }

/** A model does not fit. The message continues "could not be loaded:". */
export class DoesNotFit extends Error {}

/** Reservations within one limit. Turns are kept: who asks first, even with a slow disk, is served first. */
export class MemoryBudget {
  readonly #limit: MemoryLimit
  readonly #reserved = new Map<MemoryHolder, number>()
  #turn: Promise<unknown> = Promise.resolve()

  constructor(limit: MemoryLimit) {
    this.#limit = limit
  }

  get freeMb(): number {
    return this.#limit.mb - this.#total(this.#reserved.keys())
  }

  /**
   * Reserves what `need` tells, in place of what `holder` had. Nothing of it remains when this throws.
   * @param need called when those that asked before have their answers
   * @throws DoesNotFit, or what `need` threw
   */
  reserve(holder: MemoryHolder, need: () => Promise<MemoryNeed>): Promise<void> {
    const reserved = this.#turn.then(() => this.#serve(holder, need))
    this.#turn = reserved.catch(() => undefined)
    return reserved
  }

  /** Gives back what `holder` has, if anything. */
  release(holder: MemoryHolder): void {
    this.#reserved.delete(holder)
  }

  /** What `holder` had stays its own until it is known what it needs now. */
  async #serve(holder: MemoryHolder, need: () => Promise<MemoryNeed>): Promise<void> {
    const asked = await need().finally(() => this.release(holder))
    if (asked.totalMb > this.freeMb) throw new DoesNotFit(this.#refusal(holder, asked))
    this.#reserved.set(holder, asked.totalMb)
  }

  #refusal({ name }: MemoryHolder, { totalMb, longestContext }: MemoryNeed): string {
    const { mb, source } = this.#limit
    const others = [...this.#reserved.keys()]
    const names = others.map((other) => other.name === name ? 'the engine that it replaces' : other.name)
    const free = others.length === 0 ? '' : `, and ${this.#total(others)} MB of that are reserved by ${names.join(', ')}, which leaves ${this.freeMb} MB`
    return `it needs ${totalMb} MB, but the limit is ${mb} MB (${source})${free}. ${adviceFor(longestContext(this.freeMb), source)}`
  }

  #total(holders: Iterable<MemoryHolder>): number {
    return [...holders].reduce((sum, holder) => sum + (this.#reserved.get(holder) ?? 0), 0)
  }
}

function adviceFor(contextLength: number | undefined, source: string): string {
  const more = source === 'HERMES_MAX_MEMORY_MB' ? 'raise HERMES_MAX_MEMORY_MB' : 'give the machine more memory'
  if (contextLength === undefined) return `No context length makes it fit: use a smaller model or ${more}.`
  return `A context length of ${contextLength} tokens would fit (HERMES_CONTEXT_LENGTH): lower it to that, use a smaller model or ${more}.`
}
