// What a caller asks of a model, after validation and before any backend is chosen.
import type { TraceContext } from './trace-context.ts'

/** `url`: https, or data: with the picture itself. `detail`: OpenAI's, for backends that know it. */
export type ContentPart =
  | { readonly type: 'text', readonly text: string }
  | { readonly type: 'image', readonly url: string, readonly detail?: 'auto' | 'low' | 'high' }

export type Message =
  | { readonly role: 'system', readonly content: string }
  /** Parts where there are pictures; text alone is a text. */
  | { readonly role: 'user', readonly content: string | readonly ContentPart[] }
  /** Text or calls or both. */
  | { readonly role: 'assistant', readonly content: string, readonly toolCalls?: readonly ToolCall[] }
  /** What a call gave, directly behind the assistant's message that asked for it. */
  | { readonly role: 'tool', readonly content: string, readonly toolCallId: string }

export type Role = Message['role']

/** Which functions the model calls: as it likes, none, at least one of them, or the one of this name. */
export type ToolChoice = 'auto' | 'none' | 'required' | { readonly name: string }

export type ReasoningEffort = 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max'

export type Tool = { readonly type: 'function', readonly function: { readonly name: string, readonly description?: string, readonly parameters?: Record<string, unknown>, readonly strict?: boolean } }

export type ResponseFormat =
  | { readonly type: 'json_object' }
  | { readonly type: 'json_schema', readonly json_schema: { readonly name: string, readonly schema?: Record<string, unknown>, readonly strict?: boolean } }

/** A whole call of a function: `arguments` is complete JSON text. */
export type ToolCall = { readonly id: string, readonly name: string, readonly arguments: string }

/**
 * One inference in the terms of Switch. An absent number means: the backend's configured default.
 * A backend never exceeds its own bounds: the smaller of the request's number and its own one counts.
 */
export type InferenceRequest = {
  /** The conversation, oldest first; the last one is not the assistant's. */
  readonly messages: readonly Message[]
  /** Text that the model goes on from as it is, without a chat template; the messages are empty then. Only backends with the capability `rawPrompt` get one. */
  readonly rawPrompt?: string
  /** The model that the caller named, for a backend that takes any: one whose own model is `*`. */
  readonly model?: string
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
  /**
   * The beginning of the answer, already given: the backend goes on after its last character and does not repeat it.
   * Only backends with the capability `prefill` get one.
   */
  readonly prefill?: string
  /** True: the model is to think first. False: it is not to, where that can be switched off. Absent: the backend's own habit. */
  readonly thinking?: boolean
  /** Functions that the model may call, in OpenAI's form (`{type: "function", function: {name, description?, parameters?}}`). */
  readonly tools?: readonly Tool[]
  /** Absent: auto. */
  readonly toolChoice?: ToolChoice
  /** False: one call an answer at most. */
  readonly parallelToolCalls?: boolean
  /** How much a model that thinks is to think. */
  readonly reasoningEffort?: ReasoningEffort
  /** Between -2 and 2; above 0 repetitions get rarer. */
  readonly frequencyPenalty?: number
  readonly presencePenalty?: number
  /** Log probabilities of the answer's tokens and of so many others for each, 0 to 20. Only backends with the capability get it. */
  readonly logprobs?: number
  /** OpenAI's `response_format`; absent or type text: free text. */
  readonly responseFormat?: ResponseFormat
  /** A hint that requests belong together, so that a backend may reuse what it holds of them. */
  readonly sessionId?: string
  /** What a remote backend is told of the trace. */
  readonly trace?: TraceContext
}

/** Why a complete answer ended: by itself or at a stop text, at a token limit, or to have functions called. */
export type FinishReason = 'stop' | 'length' | 'tool_calls'

/** Token counts as the answering backend counts them. */
export type Usage = {
  readonly prompt_tokens: number
  readonly completion_tokens: number
  readonly total_tokens: number
  /** `cached_tokens`: those of the prompt that needed no evaluation. Absent when the backend does not tell. */
  readonly prompt_tokens_details?: { readonly cached_tokens: number }
  /** `reasoning_tokens`: those of the answer that were thoughts. */
  readonly completion_tokens_details?: { readonly reasoning_tokens: number }
}

/** What a backend's stream consists of. `finish` comes exactly once, last; a stream that ends without it was cut. */
export type InferenceEvent =
  /** `logprobs`: OpenAI's entries for the tokens of this text, when they were asked for. */
  | { readonly type: 'text', readonly text: string, readonly logprobs?: readonly unknown[] }
  | { readonly type: 'reasoning', readonly text: string }
  /** Never half: a backend holds the pieces back until the call is complete. */
  | { readonly type: 'tool-call', readonly call: ToolCall }
  | { readonly type: 'usage', readonly usage: Usage }
  /** `model`: what really answered, from a backend whose model may change while requests run. */
  | { readonly type: 'finish', readonly reason: FinishReason, readonly model?: string }

/** The events that reach the caller while the answer is made. */
export type Delta = Extract<InferenceEvent, { type: 'text' | 'reasoning' | 'tool-call' }>
