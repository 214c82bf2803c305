// What the chain is asked for, and what it gives out.
import type { Deadline } from './deadline.ts'
import type { Receipt } from './receipt.ts'
import type { Delta, FinishReason, InferenceRequest, Usage } from './request.ts'
import { fieldBeyond } from './route.ts'
import type { Needs } from './route.ts'
import type { GatedBackend } from './target.ts'

/** What is known when an answer is complete. */
export type Completion = {
  /** The backend that finished the answer. */
  readonly backend: GatedBackend['backend']
  readonly model: string
  readonly finishReason: FinishReason
  readonly usage: Usage
  /** True when it is not the first backend of the route. */
  readonly degraded: boolean
}

/** Takes what the chain gives out; the promise that it may return holds the chain back while the reader is behind. */
export type Emit = (event: ChainEvent) => Promise<void> | undefined

/** What the chain gives out. `restart`: forget what came so far, the answer begins anew; only for callers that have shown nothing. */
export type ChainEvent = Delta | { readonly type: 'restart' }

export type ChainCall = {
  readonly request: InferenceRequest
  /** The route, in order; at least one backend. */
  readonly targets: readonly GatedBackend[]
  /** What a backend must be able to do to be asked; at least one is. */
  readonly needs: Needs
  /** Lower goes first. */
  readonly priority: number
  readonly deadline: Deadline
  /** Aborts with DeadlinePassed, CallerGone or ShuttingDown. */
  readonly signal: AbortSignal
  readonly receipt: Receipt
  /** True when every delta is shown at once, so that nothing can be taken back. */
  readonly isShown: boolean
  /** Called when a failure means that no remote backend can be reached. */
  readonly onNetworkDown: () => void
  /** From 0 to 1, for jitter. */
  readonly random: () => number
  readonly emit: Emit
}

/** The targets behind the one at `index` that will be asked when it fails. */
export function ableAfter({ targets, needs }: ChainCall, index: number): GatedBackend[] {
  return targets.slice(index + 1).filter(({ backend }) => fieldBeyond(backend, needs) === undefined)
}
