// What a failure of the connection means.
import type { FailureReason } from '../../inference/failure.ts'

/** No route or no resolver at all. EHOSTUNREACH is not among them: it is true of one machine, one that is switched off. */
const networkDown = new Set(['ENETUNREACH', 'ENETDOWN', 'EAI_AGAIN'])

/** Bytes came, and were no HTTP. */
const notHttp = /^(HPE_|HTTPParserError$|UND_ERR_HEADERS_OVERFLOW|UND_ERR_RES_|UND_ERR_RESPONSE)/

/** @param hasBytes true when the body of an answer had begun */
export function transportReason(error: unknown, hasBytes: boolean): FailureReason {
  const codes = codesOf(error)
  if (codes.some((code) => notHttp.test(code))) return 'protocol'
  if (hasBytes) return 'stream_cut'
  if (codes.includes('UND_ERR_INVALID_ARG')) return 'internal'
  return codes.length > 0 && codes.every((code) => networkDown.has(code)) ? 'network_down' : 'connection'
}

/** The code that says most, for the message. */
export function transportCode(error: unknown): string {
  return codesOf(error)[0] ?? 'unknown'
}

/** A name with several addresses fails with one error for each. undici gives its parser's errors no code, but a name. */
function codesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return []
  const parts = [error, error.cause].find((part) => part instanceof AggregateError)
  if (parts) return (parts as AggregateError).errors.flatMap(codesOf)
  const { code } = error as NodeJS.ErrnoException
  return [typeof code === 'string' ? code : error.name]
}
