// A wait that ends with its signal, whatever the work does.

/** What `work` gives; rejects with the reason of `signal` as soon as that aborts. undici notices the abort of a request that still waits for its connection only when that is made. */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const onAbort = () => reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  const forget = () => signal.removeEventListener('abort', onAbort)
  work.then(resolve, reject).finally(forget)
  return promise
}
