// How far a pull is, in numbers for people: bytes, speed and the time left.
import type { Clock } from '../../inference/clock.ts'

export type PullStatus = 'resolving' | 'downloading' | 'verifying' | 'done'

/** The data of a progress event; bytes, and null where a number is not known. */
export type PullProgress = {
  readonly model: string
  readonly status: PullStatus
  /** While verifying: bytes that were read again. */
  readonly downloaded_bytes: number
  readonly total_bytes: number | null
  readonly bytes_per_second: number | null
  readonly seconds_left: number | null
}

export type PullResult = {
  readonly model: string
  /** Absent where the model lies in Ollama's own store. */
  readonly path?: string
  readonly bytes: number
  /** Of the file; null where it is Ollama that has it. */
  readonly sha256: string | null
  /** True when it was there already. */
  readonly was_present: boolean
}

type Sample = { readonly atMs: number, readonly bytes: number }

const windowMs = 8000
const sayEveryMs = 250

/** Turns bytes into progress, not more often than four times a second. */
export class ProgressMeter {
  readonly #model: string
  readonly #clock: Clock
  readonly #say: (progress: PullProgress) => void
  #samples: Sample[] = []
  #status: PullStatus | undefined
  #saidAtMs = -Infinity

  constructor(model: string, clock: Clock, say: (progress: PullProgress) => void) {
    this.#model = model
    this.#clock = clock
    this.#say = say
  }

  /** A change of status is said at once, and so is the last byte. */
  update(status: PullStatus, bytes: number, total: number | null): void {
    const nowMs = this.#clock.now()
    const isNew = status !== this.#status
    if (isNew) this.#samples = []
    if (!isNew && bytes !== total && nowMs - this.#saidAtMs < sayEveryMs) return
    this.#status = status
    this.#saidAtMs = nowMs
    this.#samples = [...this.#samples.filter(({ atMs }) => nowMs - atMs <= windowMs), { atMs: nowMs, bytes }]
    const speed = speedOf(this.#samples)
    const secondsLeft = speed === null || speed === 0 || total === null ? null : Math.ceil((total - bytes) / speed)
    this.#say({ model: this.#model, status, downloaded_bytes: bytes, total_bytes: total, bytes_per_second: speed, seconds_left: secondsLeft })
  }
}

function speedOf(samples: readonly Sample[]): number | null {
  const [first, last] = [samples[0]!, samples.at(-1)!]
  const elapsedMs = last.atMs - first.atMs
  return elapsedMs > 0 ? Math.max(0, Math.round((last.bytes - first.bytes) / elapsedMs * 1000)) : null
}
