// Errors that every route that runs an inference may answer with.
import type { ErrorCode } from '../inference/errors.ts'

export const inferenceErrors: readonly ErrorCode[] = [
  'SWITCH_REQUEST_UNSUPPORTED', 'SWITCH_REQUEST_CONTEXT_EXCEEDED', 'SWITCH_REQUEST_REJECTED', 'SWITCH_CONTENT_FILTERED', 'SWITCH_ROUTE_UNKNOWN',
  'SWITCH_QUEUE_FULL', 'SWITCH_ROUTE_UNAVAILABLE', 'SWITCH_DEADLINE_EXCEEDED', 'SWITCH_STREAM_INTERRUPTED', 'SWITCH_SERVER_CLOSING'
]
