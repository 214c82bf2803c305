// Failures of a download that are no end of it, and how long to wait before the next try.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../../observability/log.ts'

/** Tried again, the same request may succeed. The message says who failed and how, without a full stop. */
export class RetryLater extends Error {
  /** What the server asked for, if it did. */
  readonly afterMs: number | undefined

  constructor(message: string, { afterMs, cause }: { afterMs?: number | undefined, cause?: unknown } = {}) {
    super(message, { cause })
    this.afterMs = afterMs
  }
}

/** The file at the address is not the one of which a part is here. */
export class RemoteChanged extends Error {}

export type RetryOptions = {
  /** Milliseconds before the second try; doubles up to half a minute. 1000 by default. */
  readonly firstMs?: number
  /** Tries in a row that bring no byte. 6 by default. */
  readonly tries?: number
}

export type Retrying = RetryOptions & {
  readonly signal: AbortSignal
  readonly onRetry: (failure: RetryLater, waitMs: number) => void
}

const longestMs = 30_000

/**
 * Does `work` until it succeeds or brings nothing for too often.
 * @param progress anything that grows: a try after which it has grown counts as the first
 * @throws RetryLater the last one; the signal's reason; whatever else `work` throws
 */
export async function retrying<T>(work: () => Promise<T>, { firstMs = 1000, tries = 6, signal, onRetry }: Retrying, progress: () => number = () => 0): Promise<T> {
  let failures = 0
  let before = progress()
  while (true) {
    try {
      return await work()
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof RetryLater)) throw error
      failures = progress() > before ? 1 : failures + 1
      before = progress()
      if (failures >= tries) throw error
      const waitMs = Math.min(longestMs, Math.max(error.afterMs ?? 0, firstMs * 2 ** (failures - 1)))
      onRetry(error, waitMs)
      await sleep(waitMs, undefined, { signal }).catch(() => signal.throwIfAborted())
    }
  }
}

/** Tells the log of a failure after which it goes on. */
export function sayRetry(model: string, log: Log): (failure: RetryLater, waitMs: number) => void {
  return ({ message }, waitMs) => log.warn({ model }, `${message}; trying again in ${Math.ceil(waitMs / 1000)} s`)
}
