// Reads a GGUF file from front to back in pieces, so that a header of many megabytes never lies in memory as a whole.
import type { FileHandle } from 'node:fs/promises'

const pieceBytes = 256 * 1024
/** Headers of real models have up to 20 MB, nearly all of it vocabulary. */
const longestHeaderBytes = 512 * 1024 * 1024

/** What was read makes no sense: the file is damaged. The message continues "its header is damaged:". */
export class DamagedHeader extends Error {}

/** A place in a file that only moves forward. */
export class GgufCursor {
  readonly #file: FileHandle
  readonly #end: number
  #piece: Buffer = Buffer.alloc(0)
  #pieceStart = 0
  #position = 0

  /** @param size bytes of the whole file */
  constructor(file: FileHandle, size: number) {
    this.#file = file
    this.#end = Math.min(size, longestHeaderBytes)
  }

  /** Bytes from the start of the file. */
  get position(): number {
    return this.#position
  }

  /** Goes on without reading. @throws DamagedHeader when the file has no such place */
  skip(bytes: number): void {
    if (bytes > this.#end - this.#position) throw new DamagedHeader('it says that it is longer than the file')
    this.#position += bytes
  }

  /** The next `bytes` bytes, valid until the next call. @throws DamagedHeader when the file ends before */
  async read(bytes: number): Promise<Buffer> {
    if (!this.#holds(bytes)) await this.#fill(bytes)
    return this.#take(bytes)
  }

  /** A number of things that take at least `leastBytes` each. @throws DamagedHeader when the file has no room for so many */
  async count(leastBytes: number): Promise<number> {
    const count = Number((await this.read(8)).readBigUInt64LE())
    if (count * leastBytes > this.#end - this.#position) throw new DamagedHeader(`it counts ${count} entries, more than the file has room for`)
    return count
  }

  async uint32(): Promise<number> {
    return (await this.read(4)).readUInt32LE()
  }

  /** A text, or nothing in place of one longer than `longest` bytes. */
  async text(longest: number): Promise<string> {
    const length = await this.count(1)
    if (length <= longest) return (await this.read(length)).toString('utf8')
    this.skip(length)
    return ''
  }

  /** Goes past texts. A vocabulary has hundreds of thousands, so it waits only where a piece ends. */
  async skipTexts(count: number): Promise<void> {
    for (let left = count; left > 0; left--) {
      if (!this.#holds(8)) await this.#fill(8)
      this.skip(Number(this.#take(8).readBigUInt64LE()))
    }
  }

  #holds(bytes: number): boolean {
    return this.#position >= this.#pieceStart && this.#position + bytes <= this.#pieceStart + this.#piece.length
  }

  #take(bytes: number): Buffer {
    const start = this.#position - this.#pieceStart
    this.#position += bytes
    return this.#piece.subarray(start, start + bytes)
  }

  async #fill(bytes: number): Promise<void> {
    const buffer = Buffer.alloc(Math.min(Math.max(bytes, pieceBytes), this.#end - this.#position))
    const { bytesRead } = await this.#file.read({ buffer, position: this.#position })
    if (bytesRead < bytes) throw new DamagedHeader('the file ends in it')
    this.#piece = buffer.subarray(0, bytesRead)
    this.#pieceStart = this.#position
  }
}
