// Asks backends that nobody has asked for a while whether they are there. It costs no token and decides nothing.
import type { Clock } from './clock.ts'
import { BackendError } from './failure.ts'
import { linkSignals } from './linked-signal.ts'
import type { GatedBackend } from './target.ts'

/** Between two rounds, and the age from which evidence is old. */
const roundMs = 30_000
/** Longest wait for one backend. */
const patienceMs = 5000

/** Probes at once and then every 30 s, until the returned function is called. Never keeps the process alive. */
export function startProbing(registry: { readonly backends: readonly GatedBackend[] }, clock: Clock): () => void {
  const closing = new AbortController()
  const round = () => {
    for (const target of registry.backends) void probe(target, clock, closing.signal)
  }
  round()
  const timer = setInterval(round, roundMs)
  timer.unref()
  return () => {
    clearInterval(timer)
    closing.abort()
  }
}

/** A backend that answered or failed a moment ago has told enough. */
async function probe({ backend, breaker, evidence }: GatedBackend, clock: Clock, closing: AbortSignal): Promise<void> {
  if (backend.probe === undefined || evidence.newestMs() > clock.now() - roundMs) return
  const { signal, unlink } = linkSignals([closing, AbortSignal.timeout(patienceMs)])
  try {
    await backend.probe(signal)
    evidence.probed(null)
    breaker.close()
  } catch (error) {
    if (!closing.aborted) evidence.probed(error instanceof BackendError ? error.reason : 'connection')
  } finally {
    unlink()
  }
}
