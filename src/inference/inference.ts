// The use case: one request in, its answer as a stream, and the receipt of how it came about.
import { randomUUID } from 'node:crypto'
import type { GatedBackend } from './target.ts'
import { runChain } from './chain.ts'
import type { Completion, Emit } from './chain-call.ts'
import type { Clock } from './clock.ts'
import { Deadline } from './deadline.ts'
import { linkSignals } from './linked-signal.ts'
import type { RequestObserver } from './observer.ts'
import { Receipt } from './receipt.ts'
import type { Attempt } from './receipt.ts'
import type { InferenceRequest } from './request.ts'
import { checkSchemas } from './schema-check.ts'
import { needsOf, passedModel, selectTargets } from './route.ts'
import type { Routes } from './route.ts'

/** How a request is to be handled, apart from what it asks. */
export type InferenceOptions = {
  /** Route, backend or backend/model; undefined: the default route. */
  readonly model: string | undefined
  /** The deadline of the whole request. */
  readonly timeoutSeconds: number
  /** Lower goes first. */
  readonly priority: number
  /** True when every delta is shown at once, so that nothing can be taken back. */
  readonly isShown: boolean
  /** Aborts with CallerGone when nobody listens any more. */
  readonly callerSignal: AbortSignal
}

/** The complete answer, without its text: that came in the deltas. */
export type InferenceResult = Completion & { readonly latencyMs: number }

/** One inference. */
export type RunningInference = {
  /** "inf_" and 32 hexadecimal digits. */
  readonly id: string
  /** What was tried so far; complete when `run` has ended. */
  readonly attempts: readonly Attempt[]
  /**
   * Runs it: emits the deltas (and, where nothing is shown yet, restarts). To be called once; nothing starts before.
   * `observer` is told of every attempt.
   * @throws SwitchError
   * @throws CallerGone
   */
  readonly run: (emit: Emit, observer?: RequestObserver) => Promise<InferenceResult>
}

/** Everything an inference needs of the service. */
export type InferenceService = {
  readonly routes: Routes
  readonly backends: readonly GatedBackend[]
  readonly clock: Clock
  /** Aborts with ShuttingDown when the grace period of a shutdown is over. */
  readonly closing: AbortSignal
}

/**
 * Prepares one inference; it starts when it is run.
 * @throws SwitchError when `model` selects nothing, or nothing that can do what the request needs
 */
export function startInference(service: InferenceService, request: InferenceRequest, options: InferenceOptions): RunningInference {
  const targets = selectTargets(service.routes, service.backends, options.model, needsOf(request))
  const receipt = new Receipt(service.clock)
  return {
    id: `inf_${randomUUID().replaceAll('-', '')}`,
    attempts: receipt.attempts,
    run: (emit, observer) => {
      receipt.observer = observer
      observer?.inferenceBegan({ model: options.model, request, isStream: options.isShown })
      return run(service, named(request, targets, options.model), options, targets, receipt, emit)
    }
  }
}

async function run(service: InferenceService, request: InferenceRequest, options: InferenceOptions, targets: readonly GatedBackend[], receipt: Receipt, emit: Emit): Promise<InferenceResult> {
  const deadline = new Deadline(options.timeoutSeconds, service.clock)
  const { signal, unlink } = linkSignals([options.callerSignal, deadline.signal, service.closing])
  try {
    await checkSchemas(request)
    const completion = await runChain({
      request, targets, deadline, signal, receipt, emit,
      needs: needsOf(request),
      priority: options.priority,
      isShown: options.isShown,
      onNetworkDown: () => leaveRemotesAlone(service.backends),
      random: Math.random
    })
    return { ...completion, latencyMs: receipt.elapsedMs() }
  } finally {
    unlink()
    deadline.clear()
  }
}

/** The request with the model that the caller named for a backend that takes any. */
function named(request: InferenceRequest, [first]: readonly GatedBackend[], model: string | undefined): InferenceRequest {
  const passed = first && passedModel(first.backend, model)
  return passed === undefined ? request : { ...request, model: passed }
}

/** Without a network every remote backend would cost each request its connect time. */
function leaveRemotesAlone(backends: readonly GatedBackend[]): void {
  for (const { backend, breaker } of backends) {
    if (!backend.isLocal) breaker.open('network_down')
  }
}
