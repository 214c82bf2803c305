// One signal from several. AbortSignal.any keeps memory for every result while a source lives; the service's own lives for ever.

/** Aborts with the reason of the first source that aborts. Call `unlink` when it is no longer needed. */
export function linkSignals(sources: readonly AbortSignal[]): { signal: AbortSignal, unlink: () => void } {
  const controller = new AbortController()
  const listeners = sources.map((source) => ({ source, onAbort: () => controller.abort(source.reason) }))
  for (const { source, onAbort } of listeners) {
    if (source.aborted) onAbort()
    else source.addEventListener('abort', onAbort, { once: true })
  }
  return {
    signal: controller.signal,
    unlink: () => {
      for (const { source, onAbort } of listeners) source.removeEventListener('abort', onAbort)
    }
  }
}
