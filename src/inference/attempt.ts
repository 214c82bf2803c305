// One attempt at one backend: through its gate, then its stream, and the permit back when the backend has settled.
import type { Backend } from '../backends/backend.ts'
import type { Gate } from './gate.ts'
import type { OpenAttempt } from './receipt.ts'
import type { InferenceEvent, InferenceRequest } from './request.ts'

/** A backend with its own gate. */
export type GatedBackend = { readonly backend: Backend, readonly gate: Gate }

/**
 * The events of one attempt. Ends at once with the reason of `signal` when that aborts, even if the backend
 * is slow to let go; the gate's slot stays taken until it has.
 */
export async function* attemptAt({ backend, gate }: GatedBackend, request: InferenceRequest, priority: number, signal: AbortSignal, attempt: OpenAttempt): AsyncGenerator<InferenceEvent, void> {
  const permit = await gate.acquire(priority, signal)
  attempt.admitted()
  const events = backend.generate(request, signal)[Symbol.asyncIterator]()
  const aborted = abortion(signal)
  let pending: Promise<unknown> = Promise.resolve()
  try {
    while (true) {
      const step = events.next()
      pending = step
      const { done, value } = await Promise.race([step, aborted.promise])
      if (done) return
      if (value.type === 'text' || value.type === 'reasoning') attempt.tokenArrived()
      yield value
    }
  } finally {
    aborted.forget()
    void settled(pending, events).then(() => permit.release())
  }
}

/** A promise that rejects with the signal's reason; one listener for the whole stream. */
function abortion(signal: AbortSignal): { promise: Promise<never>, forget: () => void } {
  const { promise, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(signal.reason)
  promise.catch(() => undefined)
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })
  return { promise, forget: () => signal.removeEventListener('abort', onAbort) }
}

async function settled(pending: Promise<unknown>, events: AsyncIterator<InferenceEvent>): Promise<void> {
  await Promise.allSettled([pending])
  await Promise.allSettled([events.return?.()])
}
