// What a caller asks of a model, after validation and before any backend is chosen.

export type Role = 'system' | 'user' | 'assistant'

export type Message = { readonly role: Role, readonly content: string }

/**
 * One inference in the terms of Switch. An absent number means: the backend's configured default.
 * A backend never exceeds its own bounds: the smaller of the request's number and its own one counts.
 */
export type InferenceRequest = {
  /** The conversation, oldest first; the last one is not the assistant's. */
  readonly messages: readonly Message[]
  /** Tokens of the prompt and the answer together. */
  readonly contextLength?: number
  /** Tokens of the answer. */
  readonly maxTokens?: number
  /** 0 is greedy, 2 the wildest. */
  readonly temperature?: number
  /** Share of the probability mass that sampling considers, above 0 and at most 1. */
  readonly topP?: number
  /** The answer ends before the first of these texts. */
  readonly stop: readonly string[]
  /** The same seed gives the same text on the same backend and model. */
  readonly seed?: number
  /** A hint that requests belong together, so that a backend may reuse what it holds of them. */
  readonly sessionId?: string
}

/** Why a complete answer ended: by itself or at a stop text, or at a token limit. */
export type FinishReason = 'stop' | 'length'

/** Token counts as the answering backend counts them. */
export type Usage = { readonly prompt_tokens: number, readonly completion_tokens: number, readonly total_tokens: number }

/** What a backend's stream consists of. `finish` comes exactly once, last; a stream that ends without it was cut. */
export type InferenceEvent =
  | { readonly type: 'text', readonly text: string }
  | { readonly type: 'reasoning', readonly text: string }
  | { readonly type: 'usage', readonly usage: Usage }
  | { readonly type: 'finish', readonly reason: FinishReason }

/** The events that reach the caller while the answer is made. */
export type Delta = Extract<InferenceEvent, { type: 'text' | 'reasoning' }>
