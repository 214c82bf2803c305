// The beginning of a GGUF file: its facts and the list of its tensors. Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md

/** `integer` is unsigned 32 bits wide. */
export type Fact =
  | { readonly kind: 'integer' | 'float', readonly value: number }
  | { readonly kind: 'boolean', readonly value: boolean }
  | { readonly kind: 'text', readonly value: string }
  | { readonly kind: 'texts', readonly value: readonly string[] }
  | { readonly kind: 'integers', readonly value: readonly number[] }

export type TensorEntry = {
  readonly name: string
  /** Columns first. */
  readonly dimensions: readonly number[]
  /** Number of the format in a GGUF file. */
  readonly type: number
  readonly bytes: number
}

export const alignment = 32
const version = 3
const types = { integer: 4, integers: 5, float: 6, boolean: 7, text: 8, texts: 8, array: 9 }

/** Bytes up to the first tensor's data. Each tensor begins at a multiple of the alignment. */
export function ggufHeader(facts: Readonly<Record<string, Fact>>, tensors: readonly TensorEntry[]): Buffer {
  const entries = Object.entries(facts)
  const parts = [Buffer.from('GGUF'), u32(version), u64(tensors.length), u64(entries.length)]
  for (const [key, fact] of entries) parts.push(text(key), factBytes(fact))
  let offset = 0
  for (const { name, dimensions, type, bytes } of tensors) {
    parts.push(text(name), u32(dimensions.length), ...dimensions.map(u64), u32(type), u64(offset))
    offset += bytes + paddingOf(bytes)
  }
  const header = Buffer.concat(parts)
  return Buffer.concat([header, Buffer.alloc(paddingOf(header.length))])
}

/** Bytes from here to the next multiple of the alignment. */
export function paddingOf(bytes: number): number {
  return (alignment - bytes % alignment) % alignment
}

function factBytes(fact: Fact): Buffer {
  switch (fact.kind) {
    case 'integer': return Buffer.concat([u32(types.integer), u32(fact.value)])
    case 'float': return Buffer.concat([u32(types.float), Buffer.from(Float32Array.of(fact.value).buffer)])
    case 'boolean': return Buffer.concat([u32(types.boolean), Buffer.of(Number(fact.value))])
    case 'text': return Buffer.concat([u32(types.text), text(fact.value)])
    case 'texts': return Buffer.concat([arrayOf(types.texts, fact.value.length), ...fact.value.map(text)])
    case 'integers': return Buffer.concat([arrayOf(types.integers, fact.value.length), Buffer.from(Int32Array.from(fact.value).buffer)])
  }
}

function arrayOf(type: number, length: number): Buffer {
  return Buffer.concat([u32(types.array), u32(type), u64(length)])
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([u64(bytes.length), bytes])
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(value))
  return bytes
}
