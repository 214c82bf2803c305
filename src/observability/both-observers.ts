// Two observers as one: the metrics and, where they are on, the traces.
import type { AttemptObserver, Observer, RequestObserver } from '../inference/observer.ts'

/** The trace that goes on to backends is that of `tracing`. */
export function bothObservers(measuring: Observer, tracing: Observer): Observer {
  return { requestBegan: (facts) => bothOfRequest(measuring.requestBegan(facts), tracing.requestBegan(facts)) }
}

function bothOfRequest(measured: RequestObserver, traced: RequestObserver): RequestObserver {
  return {
    traceId: traced.traceId,
    inferenceBegan: (inference) => {
      measured.inferenceBegan(inference)
      traced.inferenceBegan(inference)
    },
    attemptBegan: (attempt) => bothOfAttempt(measured.attemptBegan(attempt), traced.attemptBegan(attempt)),
    answered: (answer) => {
      measured.answered(answer)
      traced.answered(answer)
    },
    failed: (error) => {
      measured.failed(error)
      traced.failed(error)
    },
    ended: (end) => {
      measured.ended(end)
      traced.ended(end)
    }
  }
}

function bothOfAttempt(measured: AttemptObserver, traced: AttemptObserver): AttemptObserver {
  return {
    get trace() { return traced.trace },
    tokenArrived: () => {
      measured.tokenArrived()
      traced.tokenArrived()
    },
    ended: (attempt, end) => {
      measured.ended(attempt, end)
      traced.ended(attempt, end)
    }
  }
}
