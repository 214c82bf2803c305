// The use case of embeddings: vectors of texts from the first backend of a route that can make them.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Backend } from '../backends/backend.ts'
import { answerFailed } from './chain-errors.ts'
import type { Failure } from './chain-errors.ts'
import { Deadline } from './deadline.ts'
import { embeddingAttempt } from './embedding-attempt.ts'
import type { EmbeddingRequest, Embeddings } from './embedding.ts'
import { SwitchError } from './errors.ts'
import { BackendError } from './failure.ts'
import type { InferenceOptions, InferenceService } from './inference.ts'
import { linkSignals } from './linked-signal.ts'
import type { RequestObserver } from './observer.ts'
import { decide } from './policy.ts'
import { Receipt } from './receipt.ts'
import type { Attempt } from './receipt.ts'
import { passedModel, selectTargets } from './route.ts'
import type { GatedBackend } from './target.ts'

export type EmbeddingResult = { readonly embeddings: Embeddings, readonly backend: Backend }

export type RunningEmbedding = {
  /** "inf_" and 32 hexadecimal digits. */
  readonly id: string
  /** What was tried so far; complete when `run` has ended. */
  readonly attempts: readonly Attempt[]
  /**
   * Runs it. To be called once; nothing starts before. `observer` is told of every attempt.
   * @throws SwitchError
   * @throws CallerGone
   */
  readonly run: (observer?: RequestObserver) => Promise<EmbeddingResult>
}

export type EmbeddingOptions = Omit<InferenceOptions, 'isShown'>

/**
 * Prepares the vectors of texts.
 * @throws SwitchError when `model` selects nothing, or nothing that could make any
 */
export function startEmbedding(service: InferenceService, request: EmbeddingRequest, options: EmbeddingOptions): RunningEmbedding {
  const targets = selectTargets(service.routes, service.backends, options.model, [])
  const able = targets.filter(({ backend }) => backend.embed !== undefined)
  if (able.length === 0) throw nobodyEmbeds(targets, [])
  const receipt = new Receipt(service.clock)
  const model = passedModel(able[0]!.backend, options.model)
  return {
    id: `inf_${randomUUID().replaceAll('-', '')}`,
    attempts: receipt.attempts,
    run: (observer) => {
      receipt.observer = observer
      observer?.inferenceBegan({ model: options.model, embedding: request })
      return run(service, model === undefined ? request : { ...request, model }, options, able, receipt)
    }
  }
}

async function run(service: InferenceService, request: EmbeddingRequest, options: EmbeddingOptions, targets: readonly GatedBackend[], receipt: Receipt): Promise<EmbeddingResult> {
  const deadline = new Deadline(options.timeoutSeconds, service.clock)
  const { signal, unlink } = linkSignals([options.callerSignal, deadline.signal, service.closing])
  const failures: Failure[] = []
  try {
    for (const target of targets) {
      const result = await askTarget(request, target, options.priority, deadline, signal, receipt)
      if ('embeddings' in result) return { embeddings: result.embeddings, backend: target.backend }
      failures.push(result.failure)
      // Nobody stands in for a backend that failed: the vectors of another model mean something else.
      if (!hasNoModelForIt(result.failure)) throw answerFailed(failures, receipt, false)
    }
    throw nobodyEmbeds(targets, failures)
  } finally {
    unlink()
    deadline.clear()
  }
}

/** Asks once, and once more where that may help. */
async function askTarget(request: EmbeddingRequest, target: GatedBackend, priority: number, deadline: Deadline, signal: AbortSignal, receipt: Receipt): Promise<{ embeddings: Embeddings } | { failure: Failure }> {
  for (let tries = 1; ; tries++) {
    const result = await embeddingAttempt({ request, target, priority, deadline, signal, receipt, isRetry: tries > 1 })
    if ('embeddings' in result) return result
    const { reason, error } = result.failure
    const retryAfterSeconds = error instanceof BackendError ? error.retryAfterSeconds : undefined
    const verdict = decide({ reason, retryAfterSeconds, tries, hasText: false, isProbe: result.isProbe, budgetMs: deadline.remainingMs(), random: Math.random() })
    if (verdict.action !== 'retry') return result
    // When the signal aborts, the next attempt says so.
    await sleep(verdict.afterMs, undefined, { signal }).catch(() => undefined)
  }
}

/** The backend itself says that its model makes none; what a provider refuses has a status. */
function hasNoModelForIt({ reason, error }: Failure): boolean {
  return reason === 'rejected' && error instanceof BackendError && error.status === undefined
}

function nobodyEmbeds(targets: readonly GatedBackend[], failures: readonly Failure[]): SwitchError {
  const names = targets.map(({ backend }) => backend.name).join(', ')
  const said = failures.map(({ error }) => ` ${error.message}`).join('')
  const message = `Embeddings are not supported by ${names}.${said} Set OPENAI_EMBEDDING_MODEL, or name a backend whose model makes embeddings as model.`
  return new SwitchError('SWITCH_REQUEST_UNSUPPORTED', message, { body: { details: [{ path: 'model', reason: `embeddings are not supported by ${names}` }] } })
}
