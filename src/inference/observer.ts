// Who watches requests as they run: what metrics and traces are told, and when. Types and comments only.
import type { SwitchError } from './errors.ts'
import type { EmbeddingRequest } from './embedding.ts'
import type { Attempt } from './receipt.ts'
import type { FinishReason, InferenceRequest, Usage } from './request.ts'
import type { TraceContext } from './trace-context.ts'

/** Nothing of an observer throws or waits: it is called in the middle of the work. */
export interface Observer {
  /** A request has come; called before it is let in. */
  requestBegan(facts: RequestFacts): RequestObserver
}

export type RequestFacts = {
  readonly method: string
  /** The template of the route, never the path that was asked for; `unmatched` where there is none. */
  readonly route: string
  /** True for health and the like, which are asked every few seconds. */
  readonly isPublic: boolean
  /** The trace that the caller sent along. */
  readonly trace: TraceContext | undefined
}

/** What backends are about to be asked, and under which name. */
export type ObservedInference = {
  /** What the caller named: a route, a backend or backend/model. Any text. */
  readonly model: string | undefined
} & ({ readonly request: InferenceRequest, readonly isStream: boolean } | { readonly embedding: EmbeddingRequest })

export type ObservedAnswer = {
  readonly inferenceId: string
  /** As the answer names it: of the backend that finished it. */
  readonly source: string
  readonly backend: string
  readonly model: string
  /** True when it is not from the first backend of the route. */
  readonly isDegraded: boolean
  readonly usage: Usage
  /** Absent for vectors. */
  readonly finishReason?: FinishReason
  /** Private, as the prompt is. Absent for vectors. */
  readonly text?: string
}

export type RequestEnd = {
  /** Of the reply; null when nobody was there to get one. */
  readonly status: number | null
  readonly isCallerGone: boolean
  readonly durationMs: number
}

export interface RequestObserver {
  /** 32 hexadecimal digits for the log; undefined where the request is not traced. */
  readonly traceId: string | undefined
  /** Backends are about to be asked. Never called for a request that is refused before. */
  inferenceBegan(inference: ObservedInference): void
  /** An attempt is opened; it may yet be skipped. */
  attemptBegan(attempt: Readonly<Attempt>): AttemptObserver
  /** A complete answer is there. */
  answered(answer: ObservedAnswer): void
  /** The caller gets this error, as a reply or as the end of a stream. */
  failed(error: SwitchError): void
  /** Called once, last, whatever came before. */
  ended(end: RequestEnd): void
}

export interface AttemptObserver {
  /** What the request to a remote backend carries. Read once, and only when the backend is about to be asked. */
  readonly trace: TraceContext | undefined
  /** Called for each piece of an answer, so it must cost next to nothing. */
  tokenArrived(): void
  /** Called once, when the record is closed. */
  ended(attempt: Readonly<Attempt>, end: AttemptEnd): void
}

export type AttemptEnd = {
  /** False when it never got through the gate. */
  readonly isAdmitted: boolean
  /** Of a successful attempt. */
  readonly answer?: AttemptAnswer | undefined
}

export type AttemptAnswer = { readonly usage: Usage, readonly finishReason?: FinishReason }
