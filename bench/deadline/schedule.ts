// The faults of npm run bench:deadline, in turn. Those that only a person mends come last: they close the breaker to all that follow.
import type { FaultStep } from '../../src/drill/fake-upstream/faults.ts'

/** Longer than every deadline. */
const tooLongMs = 8000

const faults: FaultStep[] = [
  { fault: 'silence' }, { fault: 'status-500' }, { fault: 'stall' }, { fault: 'refused' }, { fault: 'headers-only' }, { fault: 'cut' },
  { fault: 'heartbeats-only' }, { fault: 'rate-limited-retry-after' }, { fault: 'slow-first-token', delayMs: tooLongMs }, { fault: 'reset' },
  { fault: 'endless-headers' }, { fault: 'giant-event' }, { fault: 'no-done' }, { fault: 'status-503' }, { fault: 'stall', words: 1 },
  { fault: 'split-bytes' }, { fault: 'no-usage' }, { fault: 'no-finish' }, { fault: 'slow-first-token' }, { fault: 'broken-gzip' },
  { fault: 'wrong-content-length' }, { fault: 'error-event' }, { fault: 'malformed-event' }, { fault: 'empty-answer' }, { fault: 'html' },
  { fault: 'redirect' }, { fault: 'rate-limited' }, { fault: 'status-529' }, { fault: 'whole-json' }, { fault: 'error-in-200' },
  { fault: 'content-filter-finish' }, { fault: 'request-timeout' }, { fault: 'context-length-exceeded' }, { fault: 'unauthorized' }
]

export type Task = { readonly step: FaultStep, readonly isStreamed: boolean }

/** Dealt out so that each lane meets quick faults and slow ones, some streamed and some plain. */
export function tasksOf(lane: number, lanes: number): Task[] {
  return faults
    .map((step, index) => ({ step, index }))
    .filter(({ index }) => index % lanes === lane)
    .map(({ step, index }) => ({ step, isStreamed: (index + Math.floor(index / lanes)) % 2 === 0 }))
}

/** For an upstream that speaks so slowly that the deadline comes in the middle of every answer. */
export const slowTasks: Task[] = [{ step: { fault: 'none' }, isStreamed: true }, { step: { fault: 'none' }, isStreamed: false }]
