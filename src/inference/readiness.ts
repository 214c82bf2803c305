// What the state of a backend means for a request: whether it will be answered, and how long the model's load takes before that.
import type { BackendState } from '../backends/backend.ts'

/** True when a request is answered, now or after a load that it may wait for. */
export function willAnswer({ status, loadsOnDemand = false }: BackendState): boolean {
  return status === 'ready' || status === 'loading' || loadsOnDemand
}

/** Milliseconds that the model needs before it answers, from its last load: 0 when it is ready, undefined when that is not known. */
export function loadWaitMs({ status, loadProgress = 0, loadTimeMs }: BackendState): number | undefined {
  if (status === 'ready') return 0
  return loadTimeMs === undefined ? undefined : loadTimeMs * (1 - loadProgress)
}

/**
 * True when a request that comes now is answered within its time: the model is ready, or was unloaded because nobody
 * used it and is known to be back early enough. A model that loads for the first time promises nothing.
 */
export function isAble(state: BackendState, deadlineMs: number): boolean {
  const isAtRest = (state.status === 'unloaded' || state.status === 'unloading') && state.loadsOnDemand === true
  return state.status === 'ready' || (isAtRest && (loadWaitMs(state) ?? Infinity) < deadlineMs)
}
