// Cuts what comes through a pipe into lines.
import type { Readable } from 'node:stream'

/** Calls `listener` with each whole line of UTF-8. Not node:readline, for which U+2028 ends a line too, as it may stand in JSON. */
export function readLines(stream: Readable, listener: (line: string) => void): void {
  let rest = ''
  stream.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop()!
    for (const line of lines) listener(line)
  })
}
