// The pulls that run in this process: one for each model, however many ask for it.
import { SwitchError } from '../../inference/errors.ts'
import type { Log } from '../../observability/log.ts'
import type { PullProgress, PullResult } from './progress.ts'
import type { Puller } from './puller.ts'

/** A pull that all who asked for its model share. */
export type RunningPull = {
  readonly model: string
  /** Rejects with a SwitchError. Nobody has to look at it. */
  readonly result: Promise<PullResult>
  progress(): PullProgress
  /** Calls `listener` at every step from now on; the returned function ends that. */
  listen(listener: (progress: PullProgress) => void): () => void
}

export class Downloads {
  readonly #puller: Puller
  readonly #log: Log
  readonly #running = new Map<string, RunningPull>()
  readonly #closing = new AbortController()

  constructor(puller: Puller, log: Log) {
    this.#puller = puller
    this.#log = log
  }

  /** How far each pull is, oldest first. */
  list(): PullProgress[] {
    return [...this.#running.values()].map((pull) => pull.progress())
  }

  /**
   * Joins the pull of this model that runs, or starts one. It goes on when all who asked have left.
   * @throws SwitchError SWITCH_MODEL_UNKNOWN
   */
  start(name: string, { force }: { force?: boolean | undefined } = {}): RunningPull {
    this.#closing.signal.throwIfAborted()
    const key = this.#puller.keyOf(name)
    const running = this.#running.get(key)
    if (running !== undefined) return running
    const started = this.#begin(name, force)
    this.#running.set(key, started)
    const forget = () => void this.#running.delete(key)
    started.result.then(forget, forget)
    return started
  }

  /** Stops all; what has come is kept. Resolves when nothing is written any more. */
  async close(): Promise<void> {
    this.#closing.abort(new SwitchError('SWITCH_SERVER_CLOSING', 'Switch is shutting down. What has come is kept: pull the model again and it goes on from there.'))
    await Promise.allSettled([...this.#running.values()].map(({ result }) => result))
  }

  #begin(name: string, force: boolean | undefined): RunningPull {
    const listeners = new Set<(progress: PullProgress) => void>()
    let latest: PullProgress = { model: name, status: 'resolving', downloaded_bytes: 0, total_bytes: null, bytes_per_second: null, seconds_left: null }
    const onProgress = (progress: PullProgress) => {
      latest = progress
      for (const listener of listeners) listener(progress)
    }
    const result = this.#pull(name, force, onProgress)
    result.catch(() => undefined)
    return {
      model: name,
      result,
      progress: () => latest,
      listen: (listener) => {
        listeners.add(listener)
        return () => void listeners.delete(listener)
      }
    }
  }

  async #pull(name: string, force: boolean | undefined, onProgress: (progress: PullProgress) => void): Promise<PullResult> {
    this.#log.info({ model: name }, 'model pull started')
    try {
      const result = await this.#puller.pull(name, { force, signal: this.#closing.signal, onProgress })
      this.#log.info({ ...result }, result.was_present ? 'model was there already' : 'model pulled')
      return result
    } catch (error) {
      this.#log.warn({ model: name, err: error }, 'model pull failed')
      throw error
    }
  }
}
