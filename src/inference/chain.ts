// The chain: tries the backends of a route in order until one has answered, inside one deadline.
import { setTimeout as sleep } from 'node:timers/promises'
import type { FailedAttempt } from './begun-attempt.ts'
import { reserveMs } from './budget.ts'
import { ChainAnswer } from './chain-answer.ts'
import { tryTarget } from './chain-attempt.ts'
import { ableAfter } from './chain-call.ts'
import type { ChainCall, Completion } from './chain-call.ts'
import { answerFailed } from './chain-errors.ts'
import type { Failure } from './chain-errors.ts'
import { reasonOf } from './chain-lesson.ts'
import { BackendError, CallerGone } from './failure.ts'
import { decide } from './policy.ts'
import type { Verdict } from './policy.ts'
import type { GatedBackend } from './target.ts'

/**
 * Emits the deltas of the answer as they come. Resolves when it is complete.
 * @throws SwitchError when no backend could answer, or nobody could go on with an answer that the caller already has
 * @throws CallerGone
 */
export async function runChain(call: ChainCall): Promise<Completion> {
  const answer = new ChainAnswer(call)
  const failures: Failure[] = []
  for (const [index, target] of call.targets.entries()) {
    for (let tries = 1; ; tries++) {
      const result = await tryTarget(call, index, tries > 1, answer, failures)
      if ('completion' in result) return result.completion
      failures.push(result.failure)
      if (answer.hasCalls) throw answerFailed(failures, call.receipt, true)
      const verdict = judge(call, index, tries, answer, result)
      if (verdict.action === 'stop') throw answerFailed(failures, call.receipt, answer.isShown)
      if (verdict.action === 'next') break
      await pause(verdict.afterMs, call, target)
    }
  }
  throw answerFailed(failures, call.receipt, answer.isShown)
}

function judge(call: ChainCall, index: number, tries: number, answer: ChainAnswer, { failure, isProbe, budget }: FailedAttempt): Verdict {
  const remainingMs = call.deadline.remainingMs()
  const { backend } = call.targets[index]!
  return decide({
    reason: failure.reason,
    retryAfterSeconds: failure.error instanceof BackendError ? failure.error.retryAfterSeconds : undefined,
    tries, isProbe,
    hasText: answer.text !== '',
    budgetMs: budget === undefined || backend.kind === 'llama-cpp' ? 0 : Math.max(0, remainingMs - reserveMs(ableAfter(call, index), call.request, remainingMs)),
    random: call.random()
  })
}

async function pause(ms: number, call: ChainCall, target: GatedBackend): Promise<void> {
  try {
    await sleep(ms, undefined, { signal: call.signal })
  } catch {
    const reason: unknown = call.signal.reason
    if (reason instanceof CallerGone) throw reason
    throw answerFailed([{ target, reason: reasonOf(reason), error: reason as Error }], call.receipt, false)
  }
}
