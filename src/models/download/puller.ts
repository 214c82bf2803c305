// What brings a model here, wherever it comes from.
import type { PullProgress, PullResult } from './progress.ts'

export type PullOptions = {
  /** Fetched anew although it is there. */
  readonly force?: boolean | undefined
  readonly signal: AbortSignal
  readonly onProgress: (progress: PullProgress) => void
}

export type Puller = {
  /** The same for two names of one file. @throws SwitchError SWITCH_MODEL_UNKNOWN */
  keyOf(name: string): string
  /** @throws SwitchError that says what to do; the signal's reason */
  pull(name: string, options: PullOptions): Promise<PullResult>
}
