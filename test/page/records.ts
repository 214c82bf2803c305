// What the service would tell, for tests of what the page makes of it.
import type { Attempt } from '../../src/inference/receipt.ts'
import type { BackendReport, RequestRecord, TrafficSecond } from '../../src/routes/events-contract.ts'

export function attempt(part: Partial<Attempt> = {}): Attempt {
  return { backend: 'hermes', model: 'switch-tiny', outcome: 'success', reason: null, started_ms: 0, queued_ms: 0, first_token_ms: 20, duration_ms: 100, chars: 10, ...part }
}

export function backend(part: Partial<BackendReport> = {}): BackendReport {
  return {
    name: 'hermes', kind: 'llama-cpp', framework: 'llama-cpp', is_local: true, model: 'switch-tiny', state: 'ready', reason: null, can_answer: true, is_controllable: true, loads_on_demand: false,
    load_progress: null, next_model: null, retry_after_s: null, context_length: 2048, memory_usage_mb: 130, engine: null, restarts: 0,
    breaker: { state: 'closed' }, queue: { running: 0, waiting: 0, limit: 1, expected_wait_ms: 0 },
    last_success_age_s: null, last_failure_age_s: null, last_failure_reason: null, probe: null, first_token_ms: null, tokens_per_second: null, ...part
  }
}

export function record(part: Partial<RequestRecord> = {}): RequestRecord {
  return {
    number: 1, at: '2026-11-22T10:00:00.000Z', route: '/switch/infer', asked_for: null, kind: 'answer', is_stream: false, outcome: 'success', status: 200, inference_id: 'inf_1', source: 'local_hermes',
    backend: 'hermes', model: 'switch-tiny', degraded: false, continued: false, error: null, prompt_tokens: 5, completion_tokens: 10, first_token_ms: 20, latency_ms: 100, attempts: [attempt()], ...part
  }
}

export function second(at: number, part: Partial<TrafficSecond> = {}): TrafficSecond {
  return { second: at, answered: 0, degraded: 0, failed: 0, cancelled: 0, refused: 0, failovers: 0, tokens: 0, first_token_ms: null, ...part }
}
