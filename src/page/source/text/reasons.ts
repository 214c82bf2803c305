// Why an attempt did not succeed, in words.
import type { FailureReason } from '../../../inference/failure.ts'

const words: Record<FailureReason, string> = {
  connection: 'it could not be reached',
  network_down: 'there is no network',
  protocol: 'what came was no answer of a model server',
  server_error: 'its server failed',
  rate_limited: 'it limits the rate of requests',
  quota_exhausted: 'its quota is used up',
  unauthorized: 'it refused the key',
  model_not_found: 'it does not have the model',
  content_filtered: 'it refused the content',
  rejected: 'it refused the request',
  context_length_exceeded: 'the prompt is longer than its context',
  first_token_timeout: 'no token came in time',
  idle_timeout: 'it fell silent in the middle of the answer',
  attempt_timeout: 'it took too long',
  stream_cut: 'its stream broke off',
  empty_answer: 'its answer was empty',
  invalid_answer: 'its answer was not the JSON that was asked for',
  diverged: 'it answered differently the second time',
  model_unavailable: 'its model is not available',
  out_of_memory: 'its model does not fit in memory',
  engine_died: 'its engine died',
  unsupported: 'it cannot do what the request needs',
  circuit_open: 'it failed a moment ago',
  queue_full: 'its queue was full',
  no_time: 'too little time was left for it',
  deadline: 'the time of the request ran out',
  caller_gone: 'the caller left',
  internal: 'something went wrong inside Switch'
}

/** A part of a sentence: `its server failed`. A reason that is not known yet is told as it is. */
export function reasonText(reason: string): string {
  return Object.hasOwn(words, reason) ? words[reason as FailureReason] : reason.replaceAll('_', ' ')
}

/** What a person can do about a backend that is left alone for this reason; undefined where time mends it. */
export function remedy(reason: string): string | undefined {
  switch (reason) {
    case 'unauthorized': return 'Check its API key and restart Switch.'
    case 'quota_exhausted': return 'Check the account with its provider.'
    case 'model_not_found': return 'Check the name of its model in the configuration.'
    case 'network_down': return 'Check the network of this machine.'
    default: return undefined
  }
}

export function sentence(text: string): string {
  const upper = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(upper) ? upper : `${upper}.`
}
