// One attempt at one backend: through its gate, then its stream under a stopwatch, and the permit back when the backend has settled.
import type { Budget } from './budget.ts'
import { linkSignals } from './linked-signal.ts'
import type { OpenAttempt } from './receipt.ts'
import type { InferenceEvent, InferenceRequest } from './request.ts'
import { Stopwatch } from './stopwatch.ts'
import type { GatedBackend } from './target.ts'

export type AttemptCall = {
  readonly target: GatedBackend
  readonly request: InferenceRequest
  /** Lower goes first. */
  readonly priority: number
  readonly budget: Budget
  /** Aborts with DeadlinePassed, CallerGone or ShuttingDown. */
  readonly signal: AbortSignal
  readonly record: OpenAttempt
  /** Gets each event. The next one waits for the promise that it may return: the reader is behind. */
  readonly onEvent: (event: InferenceEvent) => Promise<void> | undefined
}

/**
 * Reads one attempt to its end. Fails at once with the reason of `signal` or the verdict of the stopwatch, even if the
 * backend is slow to let go; the gate's slot stays taken until it has. Not a generator: each layer of generators would
 * cost every token a few turns of the microtask queue.
 */
export async function attempt({ target: { backend, gate }, request, priority, budget, signal, record, onEvent }: AttemptCall): Promise<void> {
  const stopwatch = new Stopwatch(backend.name, budget)
  const either = linkSignals([signal, stopwatch.signal])
  const aborted = abortion(either.signal)
  try {
    const permit = await gate.acquire(priority, either.signal)
    record.admitted()
    let events: AsyncIterator<InferenceEvent> | undefined
    let pending: Promise<unknown> = Promise.resolve()
    try {
      events = backend.generate(request, either.signal)[Symbol.asyncIterator]()
      while (true) {
        const step = events.next()
        pending = step
        const { done, value } = await aborted.before(step)
        if (done) return
        if (isToken(value)) {
          stopwatch.tokenArrived()
          record.tokenArrived()
        }
        const reader = onEvent(value)
        if (reader) {
          stopwatch.readerIsBehind()
          await aborted.before(reader)
          stopwatch.tokenArrived()
        }
      }
    } finally {
      void settled(pending, events).then(() => permit.release())
    }
  } finally {
    stopwatch.clear()
    aborted.forget()
    either.unlink()
  }
}

/** Headers, heartbeats and counts are no sign that the model speaks. */
function isToken({ type }: InferenceEvent): boolean {
  return type === 'text' || type === 'reasoning' || type === 'tool-call'
}

/** Waits for a step or for the signal, whichever is first; one listener for the whole stream, and cheaper than a race for each event. */
function abortion(signal: AbortSignal): { before: <T>(step: Promise<T>) => Promise<T>, forget: () => void } {
  let interrupt: (reason: unknown) => void = () => undefined
  const onAbort = () => interrupt(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  return {
    before: (step) => new Promise((resolve, reject) => {
      interrupt = reject
      if (signal.aborted) reject(signal.reason)
      step.then(resolve, reject)
    }),
    forget: () => signal.removeEventListener('abort', onAbort)
  }
}

/** Waits until the backend has let go. A stream that was left in the middle is told to end. */
async function settled(pending: Promise<unknown>, events: AsyncIterator<InferenceEvent> | undefined): Promise<void> {
  await Promise.allSettled([pending])
  await Promise.allSettled([events?.return?.()])
}
