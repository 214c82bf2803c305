// The SHA-256 of a file, read in pieces, so that the service goes on answering meanwhile.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'

const pieceBytes = 1024 * 1024

/** @param onBytes called with the bytes read so far */
export async function sha256OfFile(path: string, signal: AbortSignal, onBytes: (bytes: number) => void = () => undefined): Promise<string> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const piece of createReadStream(path, { highWaterMark: pieceBytes }) as AsyncIterable<Buffer>) {
    signal.throwIfAborted()
    hash.update(piece)
    onBytes(bytes += piece.length)
  }
  return hash.digest('hex')
}
