// One line of a receipt: what was tried, how it went and how long it took.
import { z } from 'zod'
import type { FailureReason } from '../../inference/failure.ts'
import type { Attempt } from '../../inference/receipt.ts'
import { count } from './usage.ts'

/** All of them, which the type checker makes sure of. */
const reasons: Readonly<Record<FailureReason, true>> = {
  connection: true, network_down: true, protocol: true,
  server_error: true, rate_limited: true, quota_exhausted: true, unauthorized: true, model_not_found: true, content_filtered: true, rejected: true, context_length_exceeded: true,
  first_token_timeout: true, idle_timeout: true, attempt_timeout: true, stream_cut: true, empty_answer: true, invalid_answer: true, diverged: true,
  model_unavailable: true, out_of_memory: true, engine_died: true,
  unsupported: true, circuit_open: true, queue_full: true, no_time: true, deadline: true, caller_gone: true, internal: true
}

export const failureReasonSchema = z.enum(Object.keys(reasons) as FailureReason[]).meta({ id: 'FailureReason', description: 'Why an attempt failed, in the words of the receipt, the log and the metrics.' })

export const attemptSchema = z.object({
  backend: z.string(),
  model: z.string(),
  outcome: z.enum(['running', 'success', 'failed', 'cancelled', 'skipped']).meta({ description: 'skipped: it was not asked at all.' }),
  reason: failureReasonSchema.nullable().meta({ description: 'Why it did not succeed; null when it did.' }),
  started_ms: count.meta({ description: 'From the start of the request to that of the attempt.' }),
  queued_ms: count.meta({ description: 'From the start of the attempt until the gate let it through.' }),
  first_token_ms: count.nullable().meta({ description: 'From the start of the attempt to the first token; null when none came.' }),
  duration_ms: count,
  chars: count.meta({ description: 'Characters of the answer that came from it.' })
}).meta({ id: 'Attempt', description: 'One attempt at one backend. Times are whole milliseconds.' }) satisfies z.ZodType<Attempt>
