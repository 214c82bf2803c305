// Asks a server whether it is there, which costs no token.
import type { Dispatcher } from 'undici'
import type { Failures } from './failures.ts'
import { errorOfReply } from './provider-error.ts'
import { retryAfterSeconds } from './retry-after.ts'
import type { Transport } from './transport.ts'

const timeoutMs = 5_000

/** A server without a list of models is there, too. */
const there = new Set([404, 405])

/**
 * @throws BackendError when it is not there, or refuses the key
 * @throws the reason of `signal`
 */
export async function probe(transport: Transport, failures: Failures, signal: AbortSignal): Promise<void> {
  const { statusCode, headers } = await ask(transport, failures, signal)
  if (statusCode >= 300 && !there.has(statusCode)) throw failures.provider(errorOfReply(statusCode, ''), retryAfterSeconds(headers))
}

async function ask(transport: Transport, failures: Failures, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
  signal.throwIfAborted()
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    const response = await transport.get('/models', AbortSignal.any([signal, timeout]))
    await response.body.dump({ limit: 1024 * 1024 })
    return response
  } catch (cause) {
    signal.throwIfAborted()
    if (timeout.aborted) throw failures.of('connection', `did not answer within ${timeoutMs / 1000} s.`, { cause })
    throw failures.transport(cause, false)
  }
}
