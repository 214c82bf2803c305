// Shows a pull as it goes: a bar on a terminal, a line now and then elsewhere, a JSON line for each event.
import type { WriteStream } from 'node:tty'
import type { Clock } from '../../inference/clock.ts'
import type { PullProgress } from '../../models/download/progress.ts'
import { barOf, lineOf, partOf } from './pull-text.ts'

/** What is shown of a pull. */
export type PullDisplay = {
  progress(progress: PullProgress): void
  /** A sentence between the numbers. */
  note(text: string): void
}

export type DisplayOutput = Pick<WriteStream, 'write'> & { readonly isTTY?: boolean, readonly columns?: number }

const lineEveryMs = 2000
const lineEveryPart = 0.05
/** A slow download is alive too. */
const longestSilenceMs = 30_000

/** @param output where people read, such as process.stderr */
export function pullDisplay(output: DisplayOutput, clock: Clock): PullDisplay {
  return output.isTTY === true ? barDisplay(output) : lineDisplay(output, clock)
}

function barDisplay(output: DisplayOutput): PullDisplay {
  const clear = '\r\u001B[K'
  return {
    progress: (progress) => {
      output.write(`${clear}${barOf(progress, (output.columns ?? 80) - 1)}${progress.status === 'done' ? '\n' : ''}`)
    },
    note: (text) => void output.write(`${clear}${text}\n`)
  }
}

/** Each status once, then when two seconds and five percent have gone by, or half a minute. */
function lineDisplay(output: DisplayOutput, clock: Clock): PullDisplay {
  let last: { status: string, atMs: number, part: number } | undefined
  return {
    progress: (progress) => {
      const [nowMs, part] = [clock.now(), partOf(progress) ?? 0]
      const silentMs = nowMs - (last?.atMs ?? 0)
      const isDue = last?.status !== progress.status || silentMs >= longestSilenceMs || (silentMs >= lineEveryMs && part - last.part >= lineEveryPart)
      if (!isDue) return
      last = { status: progress.status, atMs: nowMs, part }
      output.write(`${lineOf(progress)}\n`)
    },
    note: (text) => void output.write(`${text}\n`)
  }
}

/** @param output where programs read, such as process.stdout */
export function jsonDisplay(output: DisplayOutput): PullDisplay {
  return {
    progress: (progress) => void output.write(`${JSON.stringify({ event: 'progress', ...progress })}\n`),
    note: (message) => void output.write(`${JSON.stringify({ event: 'note', message })}\n`)
  }
}
