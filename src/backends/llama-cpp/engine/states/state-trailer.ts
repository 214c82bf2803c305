// The end of a saved prompt state, behind llama.cpp's own data: what the file holds and how to see that it is whole.
import type { FileHandle } from 'node:fs/promises'
import { crc32 } from 'node:zlib'

/** What is known of a saved prompt state. */
export type StateFacts = {
  /** What the state is valid for. */
  readonly modelKey: string
  /** A beginning that many conversations have in common: kept when a longer state is saved. */
  readonly isShared: boolean
  /** The tokens that were evaluated. */
  readonly tokens: Uint32Array
  /** Length and CRC-32 of llama.cpp's data. */
  readonly stateBytes: number
  readonly checksum: number
}

/** The file is not what was written, or was not written by this version. */
export class DamagedState extends Error {}

/** The last bytes of every file; another layout takes another number. */
const mark = Buffer.from('switch prompt state 1\n')
/** Length and CRC-32 of the facts, then the mark. */
const footerBytes = 8 + mark.length
/** No context is so long; a damaged length must not become a huge allocation. */
const mostFactsBytes = 16 * 1024 * 1024

/** The bytes that belong behind llama.cpp's data. */
export function encodeTrailer(facts: StateFacts): Buffer {
  const encoded = Buffer.from(JSON.stringify({ ...facts, tokens: [...facts.tokens] }))
  const footer = Buffer.alloc(8)
  footer.writeUInt32LE(encoded.length, 0)
  footer.writeUInt32LE(crc32(encoded), 4)
  return Buffer.concat([encoded, footer, mark])
}

/** Reads the trailer of a file, and nothing but it. Throws `DamagedState`. */
export async function readTrailer(file: FileHandle): Promise<StateFacts> {
  const { size } = await file.stat()
  if (size < footerBytes) throw new DamagedState(`it has only ${size} bytes`)
  const footer = await readExactly(file, size - footerBytes, footerBytes)
  if (!footer.subarray(8).equals(mark)) throw new DamagedState('its end is missing, or another version wrote it')
  const factsBytes = footer.readUInt32LE(0)
  const stateBytes = size - footerBytes - factsBytes
  if (factsBytes > mostFactsBytes || stateBytes < 0) throw new DamagedState('its end is damaged')
  const encoded = await readExactly(file, stateBytes, factsBytes)
  if (crc32(encoded) !== footer.readUInt32LE(4)) throw new DamagedState('its end is damaged')
  const facts = JSON.parse(encoded.toString()) as Omit<StateFacts, 'tokens'> & { tokens: number[] }
  if (facts.stateBytes !== stateBytes) throw new DamagedState(`it holds ${stateBytes} bytes of state instead of ${facts.stateBytes}`)
  return { ...facts, tokens: Uint32Array.from(facts.tokens) }
}

async function readExactly(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(length), position })
  if (bytesRead < length) throw new DamagedState('it became shorter while it was read')
  return buffer
}
