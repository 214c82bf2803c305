// Bytes to lines: Ollama streams one JSON object a line, and a network may cut anywhere, also inside a character.

/** What Ollama's own client allows. */
export const longestLineBytes = 8 * 1024 * 1024

/**
 * The lines of `chunks` without their ends; empty ones are left out, and the last one needs no end.
 * @throws what `tooLong` gives when a line is longer than `longestLineBytes`
 */
export async function* readLines(chunks: AsyncIterable<Uint8Array>, tooLong: () => Error): AsyncGenerator<string, void> {
  let pending: Uint8Array[] = []
  let pendingBytes = 0
  for await (const chunk of chunks) {
    let start = 0
    for (let end = chunk.indexOf(0x0A); end !== -1; end = chunk.indexOf(0x0A, start)) {
      if (pendingBytes + end - start > longestLineBytes) throw tooLong()
      const line = decode([...pending, chunk.subarray(start, end)])
      pending = []
      pendingBytes = 0
      start = end + 1
      if (line !== '') yield line
    }
    pending.push(chunk.subarray(start))
    pendingBytes += chunk.length - start
    if (pendingBytes > longestLineBytes) throw tooLong()
  }
  const last = decode(pending)
  if (last !== '') yield last
}

function decode(pieces: readonly Uint8Array[]): string {
  return Buffer.concat(pieces).toString('utf8').trim()
}
