// Reads the whole header of a GGUF file: what it says of the model, and where its tensors lie. No weight is read.
import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import { DamagedHeader, GgufCursor } from './gguf-cursor.ts'
import { checkGguf } from './gguf.ts'

/** Numbers of a list, as far as it is short; of texts and of long lists only the length. */
export type GgufList = { readonly length: number, readonly numbers: readonly number[] }
export type GgufValue = number | string | boolean | GgufList

export type GgufTensor = {
  readonly name: string
  /** The number of the type in ggml. */
  readonly type: number
  readonly dimensions: readonly number[]
  /** Bytes in the file, padding included. */
  readonly bytes: number
}

export type GgufHeader = {
  readonly values: ReadonlyMap<string, GgufValue>
  readonly tensors: readonly GgufTensor[]
}

type PlacedTensor = Omit<GgufTensor, 'bytes'> & { readonly offset: number }

const textType = 8
const listType = 9
/** How to read each other type, by its number. */
const numberTypes = new Map<number, [bytes: number, read: (bytes: Buffer) => number | boolean]>([
  [0, [1, (bytes) => bytes.readUInt8()]], [1, [1, (bytes) => bytes.readInt8()]], [2, [2, (bytes) => bytes.readUInt16LE()]], [3, [2, (bytes) => bytes.readInt16LE()]],
  [4, [4, (bytes) => bytes.readUInt32LE()]], [5, [4, (bytes) => bytes.readInt32LE()]], [6, [4, (bytes) => bytes.readFloatLE()]], [7, [1, (bytes) => bytes.readUInt8() !== 0]],
  [10, [8, (bytes) => Number(bytes.readBigUInt64LE())]], [11, [8, (bytes) => Number(bytes.readBigInt64LE())]], [12, [8, (bytes) => bytes.readDoubleLE()]]
])
const longestNameBytes = 1024
/** Lists with a number for each layer are short; those of the vocabulary are not needed. */
const longestList = 4096
const mostDimensions = 4
const fixedPartBytes = 8

/**
 * Reads the header of the model at `path`.
 * @throws Error that says what is wrong with the file and what to do
 */
export async function readGgufHeader(path: string): Promise<GgufHeader> {
  await checkGguf(path)
  await using file = await open(path)
  const { size } = await file.stat()
  try {
    return await readFrom(new GgufCursor(file, size), size)
  } catch (error) {
    if (!(error instanceof DamagedHeader)) throw error
    throw new Error(`the header of ${basename(path)} is damaged: ${error.message}. Delete the file and download the model again.`, { cause: error })
  }
}

async function readFrom(cursor: GgufCursor, size: number): Promise<GgufHeader> {
  cursor.skip(fixedPartBytes)
  const tensorCount = await cursor.count(32)
  const valueCount = await cursor.count(13)
  const values = new Map<string, GgufValue>()
  for (let index = 0; index < valueCount; index++) values.set(await cursor.text(longestNameBytes), await readValue(cursor, await cursor.uint32()))
  const placed: PlacedTensor[] = []
  for (let index = 0; index < tensorCount; index++) placed.push(await readTensor(cursor))
  const alignment = Math.max(1, Number(values.get('general.alignment') ?? 32))
  return { values, tensors: withSizes(placed, size - Math.ceil(cursor.position / alignment) * alignment) }
}

async function readValue(cursor: GgufCursor, type: number): Promise<GgufValue> {
  if (type === textType) return cursor.text(longestNameBytes)
  if (type === listType) return readList(cursor)
  const [bytes, read] = numberType(type)
  return read(await cursor.read(bytes))
}

async function readList(cursor: GgufCursor): Promise<GgufList> {
  const type = await cursor.uint32()
  if (type === textType) {
    const length = await cursor.count(8)
    await cursor.skipTexts(length)
    return { length, numbers: [] }
  }
  const [bytes, read] = numberType(type)
  const length = await cursor.count(bytes)
  if (length > longestList) {
    cursor.skip(length * bytes)
    return { length, numbers: [] }
  }
  const all = await cursor.read(length * bytes)
  return { length, numbers: Array.from({ length }, (_, index) => Number(read(all.subarray(index * bytes)))) }
}

async function readTensor(cursor: GgufCursor): Promise<PlacedTensor> {
  const name = await cursor.text(longestNameBytes)
  const rank = await cursor.uint32()
  if (rank > mostDimensions) throw new DamagedHeader(`tensor ${JSON.stringify(name.slice(0, 40))} has ${rank} dimensions`)
  const dimensions: number[] = []
  for (let index = 0; index < rank; index++) dimensions.push(Number((await cursor.read(8)).readBigUInt64LE()))
  return { name, type: await cursor.uint32(), dimensions, offset: Number((await cursor.read(8)).readBigUInt64LE()) }
}

/** A tensor reaches to the next one, the last to the end of the file: so no table of types is needed, and new ones are no surprise. */
function withSizes(tensors: readonly PlacedTensor[], dataBytes: number): GgufTensor[] {
  const inOrder = tensors.toSorted((a, b) => a.offset - b.offset)
  return inOrder.map(({ name, type, dimensions, offset }, index) => {
    const bytes = (inOrder[index + 1]?.offset ?? dataBytes) - offset
    if (bytes < 0) throw new DamagedHeader('the file ends before its last tensor')
    return { name, type, dimensions, bytes }
  })
}

function numberType(type: number): [bytes: number, read: (bytes: Buffer) => number | boolean] {
  const found = numberTypes.get(type)
  if (found === undefined) throw new DamagedHeader(`it has a value of the unknown type ${type}`)
  return found
}
