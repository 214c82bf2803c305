// What a model file is, for people, from its header alone: nothing is loaded, so that a folder of large files is described at once.
import { basename } from 'node:path'
import { readGgufHeader } from './gguf-header.ts'
import type { GgufHeader, GgufValue } from './gguf-header.ts'
import { quantisationOf } from './quantisation.ts'
import { missingBytes, numbersOf } from './tensor-types.ts'

export type ModelDescription = {
  /** As llama.cpp names it, such as llama or qwen3. */
  readonly architecture: string
  /** Parameters in billions, counted. */
  readonly parametersB: number
  /** Such as Q4_K_M; undefined when it is newer than Switch. */
  readonly quantisation: string | undefined
  /** Tokens; undefined when the header does not say. */
  readonly nativeContext: number | undefined
}

/**
 * @param paths all parts, the first one first
 * @throws Error that says why the file is no usable model and what to do
 */
export async function describeModel(paths: readonly string[]): Promise<ModelDescription> {
  const headers: GgufHeader[] = []
  for (const path of paths) headers.push(await readWholeHeader(path))
  const header = { values: headers[0]!.values, tensors: headers.flatMap(({ tensors }) => tensors) }
  const architecture = String(header.values.get('general.architecture') ?? 'unknown')
  refuseCompanions(basename(paths[0]!), architecture, header.values.get('general.type'))
  return {
    architecture,
    parametersB: header.tensors.reduce((sum, tensor) => sum + numbersOf(tensor), 0) / 1e9,
    quantisation: quantisationOf(header),
    nativeContext: positive(header.values.get(`${architecture}.context_length`))
  }
}

/** @throws Error also when the weights reach beyond the end of the file */
async function readWholeHeader(path: string): Promise<GgufHeader> {
  const header = await readGgufHeader(path)
  const missing = header.tensors.reduce((sum, tensor) => sum + missingBytes(tensor), 0)
  if (missing > 0) throw new Error(`${basename(path)} is cut short: at least ${missing} bytes of its weights are missing. Delete it and download the model again.`)
  return header
}

/** Files that belong to a model and are none. */
function refuseCompanions(file: string, architecture: string, type: GgufValue | undefined): void {
  if (architecture === 'clip' || type === 'mmproj') throw new Error(`${file} is the part of a model that sees pictures, no model of its own. It can stay, but cannot be used by its name.`)
  if (type === 'adapter') throw new Error(`${file} is a LoRA adapter, no model of its own. HERMES_LORA takes it.`)
}

function positive(value: GgufValue | undefined): number | undefined {
  return typeof value === 'number' && value > 0 ? value : undefined
}
