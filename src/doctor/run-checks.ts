// Runs checks side by side, each within its own time: one that hangs or throws is a finding like any other.
import { setTimeout as sleep } from 'node:timers/promises'
import { problem, skipped, wordsOf } from './finding.ts'
import type { Finding } from './finding.ts'

export type Check = {
  readonly name: string
  /** True when it asks another machine. */
  readonly needsNetwork?: boolean
  /** 20 s by default. */
  readonly timeoutMs?: number
  /** @param signal aborts when its time is over; whatever it began should end then */
  run(signal: AbortSignal): Finding | Promise<Finding>
}

export type Report = Finding & { readonly check: string }

const usualTimeoutMs = 20_000

/** In the order of `checks`. Never rejects. @param isOffline leaves out what needs a network */
export async function runChecks(checks: readonly Check[], isOffline: boolean): Promise<Report[]> {
  return Promise.all(checks.map(async (check) => ({ check: check.name, ...await runCheck(check, isOffline) })))
}

async function runCheck(check: Check, isOffline: boolean): Promise<Finding> {
  if (isOffline && check.needsNetwork === true) return skipped('It needs the network, and --offline was given.')
  const { timeoutMs = usualTimeoutMs } = check
  const over = new AbortController()
  const late = sleep(timeoutMs, undefined, { signal: over.signal }).then(() => problem(`It did not end within ${timeoutMs / 1000} s.`, 'Run it again; when that goes on, look at what it names: a disk or a server that does not answer.'))
  const limit = AbortSignal.any([over.signal, AbortSignal.timeout(timeoutMs)])
  try {
    return await Promise.race([outcome(check, limit), late])
  } finally {
    late.catch(() => undefined)
    over.abort()
  }
}

async function outcome(check: Check, signal: AbortSignal): Promise<Finding> {
  try {
    return await check.run(signal)
  } catch (error) {
    return problem(`It could not be looked at: ${wordsOf(error)}`, 'Mend what it names, then run it again: npx switch doctor')
  }
}
