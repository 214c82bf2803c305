// The clock of this machine, as far as it can be judged without asking anybody: with a wrong one TLS refuses every certificate.
import { ok, problem } from '../finding.ts'
import type { Finding } from '../finding.ts'

/** Time zones and copies across machines. */
const toleranceMs = 2 * 24 * 3600 * 1000

/** @param installedMs when the files of Switch were written, as their disk says */
export function checkClock(nowMs: number, installedMs: number): Finding {
  const now = new Date(nowMs).toISOString()
  const facts = { now, installed: new Date(installedMs).toISOString() }
  if (nowMs >= installedMs - toleranceMs) return ok(`It is ${now}, after Switch was installed.`, facts)
  return problem(`The clock says ${now}, which is before Switch was installed (${facts.installed}): certificates count as not valid yet.`, 'sudo timedatectl set-ntp true', facts)
}
