// What is counted and timed as requests run: names, labels and buckets.
import { Counter, Histogram } from 'prom-client'
import type { Registry } from 'prom-client'
import { errorStatus } from '../../inference/errors.ts'

/** An answer takes from a tenth of a second to minutes. */
const requestBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300]
/** A first token takes from a few milliseconds (a small model, a prompt known already) to the patience of a caller. */
const firstTokenBuckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60]
const queueBuckets = [0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60]

export type Instruments = ReturnType<typeof createInstruments>

/** Every label is bounded: routes are templates, backends and models come from the configuration, the rest is closed. */
export function createInstruments(registry: Registry) {
  const registers = [registry]
  const counter = <Label extends string>(name: string, help: string, ...labelNames: Label[]) => new Counter({ name, help, labelNames, registers })
  const histogram = <Label extends string>(name: string, help: string, buckets: number[], ...labelNames: Label[]) => new Histogram({ name, help, labelNames, buckets, registers })
  const errors = counter('switch_errors_total', 'Errors that callers got, by code', 'code')
  // A series that appears with its first error hides that one from every rate.
  for (const code of Object.keys(errorStatus)) errors.inc({ code }, 0)
  return {
    errors,
    requests: counter('switch_requests_total', 'Requests by route, who answered, how they ended (success, error, cancelled) and who is to blame (none, caller, policy, provider, engine, switch)', 'route', 'source', 'outcome', 'reason'),
    requestSeconds: histogram('switch_request_duration_seconds', 'Whole requests that asked a model, by route and outcome', requestBuckets, 'route', 'outcome'),
    attempts: counter('switch_attempts_total', 'Attempts at backends by outcome and reason; skipped ones were never made', 'backend', 'outcome', 'reason'),
    queueSeconds: histogram('switch_attempt_queue_seconds', 'Wait for the gate of a backend', queueBuckets, 'backend'),
    firstTokenSeconds: histogram('switch_attempt_first_token_seconds', 'From the start of an attempt to its first token, the wait for the gate included', firstTokenBuckets, 'backend'),
    promptTokens: counter('switch_prompt_tokens_total', 'Tokens of the prompts of complete answers', 'backend', 'model'),
    completionTokens: counter('switch_completion_tokens_total', 'Tokens of complete answers', 'backend', 'model'),
    cachedPromptTokens: counter('switch_cached_prompt_tokens_total', 'Tokens of prompts that needed no evaluation, because a prefix was known', 'backend', 'model'),
    failovers: counter('switch_failovers_total', 'Complete answers of a backend that is not the first of its route', 'backend'),
    continued: counter('switch_continued_answers_total', 'Complete answers that another backend began and this one went on with', 'backend')
  }
}
