// One file with one prompt state: llama.cpp's own data, then our trailer, which llama.cpp does not look at.
import { open, rename, rm } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import type { LlamaContextSequence } from 'node-llama-cpp'
import type { StatePaths } from './state-folder.ts'
import { DamagedState, encodeTrailer, readTrailer } from './state-trailer.ts'
import type { StateFacts } from './state-trailer.ts'

/** A prompt state on disk. */
export type SavedState = StateFacts & { readonly path: string }

/** Bytes read and summed at once: other slots get their turn in between. */
const chunkBytes = 1024 * 1024

/** What a token takes in memory, with the buffers of the evaluation: on disk it is less. */
export function memoryPerToken({ context }: LlamaContextSequence): number {
  const { memoryUsage, contextSize, totalSequences } = context
  return (memoryUsage.ram + memoryUsage.vram) / (contextSize * totalSequences)
}

/** Reads what the file says of itself; its state is verified when it is loaded. Throws `DamagedState`. */
export async function readState(path: string, modelKey: string): Promise<SavedState> {
  await using file = await open(path, 'r')
  const facts = await readTrailer(file)
  if (facts.modelKey !== modelKey) throw new DamagedState('another model or another version of llama.cpp wrote it')
  return { ...facts, path }
}

/**
 * Saves the state of a sequence that holds `tokens` in a file that only this user can read. Whole or not at all: it is
 * written elsewhere and renamed. llama.cpp evaluates nothing in any slot while it writes its part.
 */
export async function createState({ path, temporary }: StatePaths, sequence: LlamaContextSequence, description: Pick<StateFacts, 'modelKey' | 'isShared' | 'tokens'>): Promise<SavedState> {
  try {
    const facts = await writeState(temporary, sequence, description)
    await rename(temporary, path)
    return { ...facts, path }
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

async function writeState(path: string, sequence: LlamaContextSequence, description: Pick<StateFacts, 'modelKey' | 'isShared' | 'tokens'>): Promise<StateFacts> {
  // llama.cpp would create the file with the rights of the umask; it keeps those of a file that is there.
  await using file = await open(path, 'wx+', 0o600)
  const { fileSize: stateBytes } = await sequence.saveStateToFile(path)
  const { size } = await file.stat()
  if (size !== stateBytes) throw new Error(`llama.cpp could write only ${size} of ${stateBytes} bytes`)
  if (!isSame(description.tokens, sequence.contextTokens)) throw new Error('the slot was taken meanwhile')
  const facts = { ...description, stateBytes, checksum: await checksumOf(file, stateBytes) }
  const trailer = encodeTrailer(facts)
  const { bytesWritten } = await file.write(trailer, 0, trailer.length, stateBytes)
  if (bytesWritten < trailer.length) throw new Error('the disk is full')
  return facts
}

/**
 * Loads the state into the sequence, which is empty afterwards if llama.cpp refuses it, and as before if the file is
 * damaged: llama.cpp aborts the process over a truncated file.
 */
export async function loadState(state: SavedState, sequence: LlamaContextSequence): Promise<void> {
  await verify(state)
  // A failed load makes node-llama-cpp forget tokens that llama.cpp may still hold.
  await sequence.clearHistory()
  await sequence.loadStateFromFile(state.path, { acceptRisk: true })
  if (isSame(state.tokens, sequence.contextTokens)) return
  await sequence.clearHistory()
  throw new DamagedState('it holds other tokens than it says')
}

async function verify(state: SavedState): Promise<void> {
  await using file = await open(state.path, 'r')
  const { stateBytes, checksum } = await readTrailer(file)
  if (stateBytes !== state.stateBytes || checksum !== state.checksum) throw new DamagedState('it is another state than before')
  if (await checksumOf(file, stateBytes) !== checksum) throw new DamagedState('its checksum is wrong')
}

function isSame(saved: Uint32Array, tokens: readonly number[]): boolean {
  return saved.length === tokens.length && tokens.every((token, index) => token === saved[index])
}

async function checksumOf(file: FileHandle, bytes: number): Promise<number> {
  const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, bytes))
  let checksum = 0
  for (let position = 0; position < bytes;) {
    const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, bytes - position), position)
    if (bytesRead === 0) throw new DamagedState('it became shorter while it was read')
    checksum = crc32(buffer.subarray(0, bytesRead), checksum)
    position += bytesRead
  }
  return checksum
}
