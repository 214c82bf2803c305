// Lets work that needs the context for itself come between two batches.

/**
 * node-llama-cpp holds the lock of a context for as long as slots queue tokens in time for the next batch, which slots
 * that decode do for ever: what changes a sequence would wait until their answers end. So everyone who evaluates looks
 * here before queueing tokens.
 */
export class Intermission {
  #last: Promise<void> | undefined

  /** Resolves when nobody needs the context any more; undefined: nobody does. */
  get over(): Promise<void> | undefined {
    return this.#last
  }

  /** Runs `work`, which changes a sequence and evaluates nothing, after the batch that runs now. One after the other. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const before = this.#last
    this.#last = promise
    try {
      await before
      return await work()
    } finally {
      if (this.#last === promise) this.#last = undefined
      resolve()
    }
  }
}
