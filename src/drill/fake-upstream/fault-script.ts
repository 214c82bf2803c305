// Which fault meets which request.
import type { Fault, FaultStep } from './faults.ts'

const fine: FaultStep = { fault: 'none' }

/** Steps in order; after the last one all is well. */
export class FaultScript {
  #steps: { step: FaultStep, left: number }[] = []

  set(steps: readonly (Fault | FaultStep)[]): void {
    this.#steps = steps.map((given) => typeof given === 'string' ? { fault: given } : given).map((step) => ({ step, left: step.times ?? Infinity }))
  }

  /** The step that the next request meets. */
  get current(): FaultStep {
    return this.#steps[0]?.step ?? fine
  }

  /** The step of a request that came; it counts. */
  take(): FaultStep {
    const { current } = this
    const first = this.#steps[0]
    if (first && --first.left <= 0) this.#steps.shift()
    return current
  }
}
