// When a server wants to be asked again.
import type { IncomingHttpHeaders } from 'node:http'

/** Seconds, from `retry-after-ms` or `retry-after`; undefined when the server does not say. */
export function retryAfterSeconds(headers: IncomingHttpHeaders): number | undefined {
  const milliseconds = number(headers['retry-after-ms'])
  if (milliseconds !== undefined) return milliseconds / 1000
  const value = headers['retry-after']
  return number(value) ?? secondsUntil(value, headers.date)
}

function number(value: string | string[] | undefined): number | undefined {
  return typeof value === 'string' && /^\s*\d+(\.\d+)?\s*$/.test(value) ? Number(value) : undefined
}

/** Measured by the server's own clock where it tells it, which may differ from ours. */
function secondsUntil(value: string | undefined, serverDate: string | undefined): number | undefined {
  const then = Date.parse(value ?? '')
  if (Number.isNaN(then)) return undefined
  const now = Date.parse(serverDate ?? '')
  return Math.max(0, (then - (Number.isNaN(now) ? Date.now() : now)) / 1000)
}
