// A first look at a GGUF file, before llama.cpp gets it: cheap, and its errors say what to do.
// Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
import { open } from 'node:fs/promises'
import { basename } from 'node:path'

const headerBytes = 24
const knownVersions = [2, 3]

/**
 * Reads the fixed part of the header.
 * @throws Error when the file is missing, unreadable, empty, too short, or no GGUF of a known version
 */
export async function checkGguf(path: string): Promise<void> {
  const name = basename(path)
  const header = await readHeader(path)
  if (header.length === 0) throw new Error(`${name} is empty. Delete it and download the model again.`)
  if (header.length < headerBytes) throw new Error(`${name} has only ${header.length} bytes. Delete it and download the model again.`)
  if (header.toString('latin1', 0, 4) !== 'GGUF') throw new Error(`${name} is no GGUF file: it does not begin with "GGUF". Put a GGUF model there.`)
  const version = header.readUInt32LE(4)
  if (!knownVersions.includes(version)) throw new Error(`${name} has GGUF version ${version}, but versions ${knownVersions.join(' and ')} can be read. Download a current file of the model.`)
}

async function readHeader(path: string): Promise<Buffer> {
  try {
    await using file = await open(path)
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(headerBytes), position: 0 })
    return buffer.subarray(0, bytesRead)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const name = basename(path)
    if (code === 'ENOENT') throw new Error(`${name} does not exist. Put the model there, or set HERMES_MODEL_NAME to one that is there.`, { cause: error })
    if (code === 'EISDIR') throw new Error(`${name} is a folder. Set HERMES_MODEL_NAME to a GGUF file.`, { cause: error })
    throw new Error(`${name} cannot be read (${code}). Check its permissions.`, { cause: error })
  }
}
