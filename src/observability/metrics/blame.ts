// Who a request failed for, in five words: the reason of the request counter.
import type { BackendKind } from '../../backends/backend.ts'
import type { SwitchError } from '../../inference/errors.ts'
import type { ErrorCode } from '../../inference/errors.ts'
import type { FailureReason } from '../../inference/failure.ts'
import type { Attempt } from '../../inference/receipt.ts'

/**
 * caller: the request is at fault, or its sender left. policy: a limit or a rule of this service or of a provider.
 * provider: a remote backend. engine: a model that runs here. switch: this service itself.
 */
export type Blame = 'caller' | 'policy' | 'provider' | 'engine' | 'switch'

const ofCode: Partial<Record<ErrorCode, Blame>> = {
  SWITCH_AUTH_REQUIRED: 'policy',
  SWITCH_CONTENT_FILTERED: 'policy',
  SWITCH_QUEUE_FULL: 'policy',
  SWITCH_BODY_TOO_LARGE: 'policy',
  SWITCH_HTTP_HEADERS_TOO_LARGE: 'policy',
  SWITCH_INTERNAL_ERROR: 'switch',
  SWITCH_SERVER_CLOSING: 'switch'
}

/** Where the backend is not to blame. */
const ofReason: Partial<Record<FailureReason, Blame>> = {
  content_filtered: 'policy',
  queue_full: 'policy',
  no_time: 'policy',
  rejected: 'caller',
  context_length_exceeded: 'caller',
  unsupported: 'caller',
  caller_gone: 'caller',
  internal: 'switch'
}

/** @param kindOf the kind of a backend; undefined when it is no longer there */
export function blameFor(error: SwitchError, attempts: readonly Readonly<Attempt>[], kindOf: (backend: string) => BackendKind | undefined): Blame {
  const known = ofCode[error.code]
  if (known !== undefined) return known
  if (error.status < 500) return 'caller'
  const last = attempts.findLast(({ reason }) => reason !== null && reason !== 'unsupported')
  if (last === undefined) return 'policy'
  return ofReason[last.reason!] ?? (kindOf(last.backend) === 'llama-cpp' ? 'engine' : 'provider')
}

/** Of a reply without an error of the catalogue. */
export function blameForStatus(status: number): Blame {
  return status < 500 ? 'caller' : 'switch'
}
