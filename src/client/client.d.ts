// The contract of the client: what callers may pass and what they get. Fields of requests and answers are those of the wire.

export type ClientOptions = {
  /** Where Switch listens; a path in it is kept. Default: http://127.0.0.1:8000. */
  url?: string | URL
  /** Sent as X-VX11-Token. Without it none is sent. */
  token?: string
  /** Milliseconds that a request may take, 100 to 3,600,000. The service is told, and the client itself waits two seconds longer. Default: 30,000. */
  timeoutMs?: number
  /** Instead of the global fetch. */
  fetch?: typeof globalThis.fetch
}

export type CallOptions = {
  /** Ends the call; it rejects with the reason of the signal. */
  signal?: AbortSignal
  /** Milliseconds for this call alone. */
  timeoutMs?: number
}

export type TextPart = { type: 'text', text: string }
export type ImagePart = { type: 'image_url', image_url: { url: string, detail?: 'auto' | 'low' | 'high' | null } }
export type WireToolCall = { id: string, type: 'function', function: { name: string, arguments: string } }

export type Message =
  | { role: 'system' | 'developer', content: string | TextPart[] }
  | { role: 'user', content: string | (TextPart | ImagePart)[] }
  | { role: 'assistant', content?: string | TextPart[] | null, refusal?: string | null, tool_calls?: WireToolCall[] | null }
  | { role: 'tool', tool_call_id: string, content: string | TextPart[] }

export type Tool = { type: 'function', function: { name: string, description?: string | null, parameters?: Record<string, unknown> | null, strict?: boolean | null } }

export type ResponseFormat =
  | { type: 'text' }
  | { type: 'json_object' }
  | { type: 'json_schema', json_schema: { name: string, description?: string | null, schema?: Record<string, unknown> | null, strict?: boolean | null } }

/** The body of POST /switch/infer. Exactly one of prompt, message and messages is there. */
export type InferRequest = {
  prompt?: string
  message?: string
  messages?: Message[]
  system?: string
  /** A route, a backend, or backend/model. Default: the default route. */
  model?: string
  /** Tokens of prompt and answer together. */
  context_length?: number
  /** Tokens of the answer. */
  max_tokens?: number
  /** 0 to 2. */
  temperature?: number
  top_p?: number
  stop?: string | string[]
  seed?: number
  /** Seconds, 0.1 to 3600. Instead of timeoutMs. */
  timeout_seconds?: number
  response_format?: ResponseFormat
  tools?: Tool[]
  tool_choice?: 'none' | 'auto' | 'required' | { type: 'function', function: { name: string } }
  /** 0 to 9, lower first, or the name of a VX11 service. Default: 4. */
  priority?: number | 'shub' | 'operator' | 'tentaculo_link' | 'madre' | 'hijas'
  session_id?: string
}

export type ToolCall = { id: string, name: string, arguments: string }

/** One attempt at one backend. Times are milliseconds. */
export type Attempt = {
  backend: string
  model: string
  outcome: 'running' | 'success' | 'failed' | 'cancelled' | 'skipped'
  /** Null when it succeeded. */
  reason: string | null
  started_ms: number
  queued_ms: number
  first_token_ms: number | null
  duration_ms: number
  chars: number
}

export type Usage = {
  prompt_tokens: number
  completion_tokens: number
  total_tokens: number
  prompt_tokens_details?: { cached_tokens: number }
  completion_tokens_details?: { reasoning_tokens: number }
}

export type InferAnswer = {
  inference_id: string
  prompt: string
  response: string
  reasoning?: string
  tool_calls?: ToolCall[]
  /** What really answered. */
  model: string
  tokens_used: number
  latency_ms: number
  /** local_hermes, openai, or the name of another backend. */
  source: string
  /** True when it was not the first backend of the route. */
  degraded: boolean
  finish_reason: 'stop' | 'length' | 'tool_calls'
  usage: Usage
  attempts: Attempt[]
}

/** Exactly one of the three. */
export type Delta = { text: string } | { reasoning: string } | { tool_call: ToolCall }

/** The deltas of one answer. Leaving the loop early ends the request. */
export interface InferenceStream extends AsyncIterable<Delta> {
  /** Reads what is left and gives the whole answer. Rejects as the iteration does. */
  result(): Promise<InferAnswer>
}

/** What /switch/health says: ok when the local model can answer now. `fallback_available`: others can. */
export type Health = { model: string, version: string, uptime_s: number, backends: Record<string, unknown>[], queue: { running: number, waiting: number, expected_wait_ms: number }, warnings?: string[] } & (
  | { status: 'ok', framework: string, memory_usage_mb?: number, context_ready: true }
  | { status: 'degraded', reason: string, fallback_available: boolean }
)

/** Stands for an answer when time ran out. */
export type TimeoutAnswer = { response: '[Timeout] Model taking too long. Try again or use CLI.', source: 'degraded_fallback', degraded: true }

export interface Client {
  /** One whole answer. @throws SwitchError */
  infer(request: InferRequest, options?: CallOptions): Promise<InferAnswer>
  /** Nothing is sent before the first read. The iteration throws SwitchError: SwitchStreamError when the stream ends without an answer. */
  stream(request: InferRequest, options?: CallOptions): InferenceStream
  /** Not ready is an answer too, no error. @throws SwitchError when there is none */
  health(options?: CallOptions): Promise<Health>
  /**
   * An answer for a chat that must show something: time that ran out becomes a fixed text.
   * @throws SwitchUnavailableError "Hermes model unavailable": nothing could answer, or Switch is not there
   * @throws SwitchError everything else, as infer does
   */
  inferWithFallback(prompt: string | InferRequest, options?: CallOptions): Promise<InferAnswer | TimeoutAnswer>
}

/** @throws TypeError when an option is wrong */
export function createClient(options?: ClientOptions): Client

export type ErrorBody = { error: string, code: string, request_id: string, details?: ErrorDetail[], model?: string, fallback?: string, source?: string, attempts?: Attempt[] }
export type ErrorDetail = { path: string, reason: string }
export type ErrorFields = { status?: number, body?: ErrorBody | undefined, retryAfterMs?: number | undefined, code?: string, cause?: unknown }

/** Whatever went wrong. */
export class SwitchError extends Error {
  constructor(message: string, fields?: ErrorFields)
  /** Of the reply; 503 where there was none, or where the stream had begun. */
  readonly status: number
  /** SWITCH_AREA_REASON; those of the client itself are SWITCH_CLIENT_… */
  readonly code: string
  readonly requestId: string | undefined
  /** What is wrong with which field. */
  readonly details: readonly ErrorDetail[]
  /** Of the reply, or of the error event of a stream. */
  readonly body: ErrorBody | undefined
  /** Milliseconds after which to try again, where that is known. */
  readonly retryAfterMs: number | undefined
}

/** The request is at fault: 400, 401, 404, 413, 415. Sending it again is of no use. */
export class SwitchRequestError extends SwitchError {}
/** The queue is full: 429. */
export class SwitchBusyError extends SwitchError {}
/** Nothing could answer: 502, 503 or 504. */
export class SwitchUnavailableError extends SwitchError {}
/** Switch cannot be reached, or went away before it answered. */
export class SwitchConnectionError extends SwitchUnavailableError {}
/** The time ran out: the service said so, or it said nothing in time. */
export class SwitchTimeoutError extends SwitchError {}
/** The stream broke off, or what came is no stream of Switch. What was read so far is incomplete. */
export class SwitchStreamError extends SwitchError {}
