// A request without a span, where others have one: health and metrics, which are asked every few seconds.
import type { AttemptObserver, RequestObserver } from '../../inference/observer.ts'
import type { TraceContext } from '../../inference/trace-context.ts'

export class Untraced implements RequestObserver {
  readonly traceId = undefined
  readonly #trace: TraceContext | undefined

  constructor(trace: TraceContext | undefined) {
    this.#trace = trace
  }

  inferenceBegan(): void {}

  attemptBegan(): AttemptObserver {
    return { trace: this.#trace, tokenArrived: () => undefined, ended: () => undefined }
  }

  answered(): void {}

  failed(): void {}

  ended(): void {}
}
