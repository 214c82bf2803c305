// The limits of a backend that has no clock but the request's own.
import type { AttemptLimits } from './backend.ts'

/** For local models: slow is not dead, and their supervisor watches for dead. */
export const unlimited: AttemptLimits = { timeoutMs: undefined, firstTokenMs: undefined, idleMs: undefined }
