// What a fault is: a name in the table, and how often and how strongly it happens.
import type { Reply } from './reply.ts'

/** One way for an upstream to misbehave. */
export type FaultEntry = {
  /** One line for people: what the upstream does. */
  readonly description: string
  /** True: GET /models meets it too. */
  readonly everywhere?: boolean
  /** Answers one request; may take as long as the fault does. */
  reply(reply: Reply): void | Promise<void>
}

/** How a fault happens; every number has a default. */
export type FaultStrength = {
  /** Words before it happens, for faults in mid-stream: 10. */
  readonly words?: number
  /** Milliseconds, for the slow ones: 300. */
  readonly delayMs?: number
  /** For rate-limited-retry-after: 1. */
  readonly retryAfterSeconds?: number
}
