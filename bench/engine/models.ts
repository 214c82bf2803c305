// The models of the benchmark, each written once into the cache folder.
import { existsSync, statSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { engineThreads } from '../../src/backends/llama-cpp/threads.ts'
import { cacheFolder } from './cache-folder.ts'
import { writeEndlessTiny } from './endless-tiny.ts'
import type { Shape } from './model-facts.ts'
import { q4, q8 } from './quantised-rows.ts'
import { writeRandomModel } from './random-model.ts'

export const modelNames = ['tiny', '135m', '1b'] as const
export type ModelName = typeof modelNames[number]

export type BenchModel = {
  readonly name: ModelName
  readonly title: string
  readonly folder: string
  /** As HERMES_MODEL_NAME takes it. */
  readonly file: string
  readonly path: string
  readonly threads: number
  /** False for a model so small that HTTP and the messages between processes take longer than it does: its figures are shown alone. */
  readonly isJudged: boolean
}

const small: Shape = {
  name: 'random weights with the dimensions of SmolLM2-135M, Q8_0', hidden: 576, layers: 30, heads: 9, keyHeads: 3, feedForward: 1536,
  vocabulary: 49_152, contextLength: 8192, ropeBase: 100_000, isTied: true, format: q8
}
const large: Shape = {
  name: 'random weights with the dimensions of TinyLlama 1.1B, Q4_0', hidden: 2048, layers: 22, heads: 32, keyHeads: 4, feedForward: 5632,
  vocabulary: 32_000, contextLength: 4096, ropeBase: 10_000, isTied: false, format: q4
}

const recipes: Record<ModelName, { title: string, file: string, write: (path: string) => Promise<void> }> = {
  'tiny': { title: 'switch-tiny with its end tokens out of reach, F16', file: 'endless-tiny-1.gguf', write: writeEndlessTiny },
  '135m': { title: small.name, file: 'random-135m-1.gguf', write: (path) => writeRandomModel(path, small) },
  '1b': { title: large.name, file: 'random-1b-1.gguf', write: (path) => writeRandomModel(path, large) }
}

/** @param threads undefined: what Switch would choose */
export async function prepareModel(name: ModelName, threads: number | undefined): Promise<BenchModel> {
  const { title, file, write } = recipes[name]
  const folder = cacheFolder('models')
  const path = join(folder, file)
  if (!existsSync(path)) {
    console.log(`writing ${path}; this happens once`)
    const unfinished = `${path}.${process.pid}`
    await write(unfinished)
    await rename(unfinished, path)
  }
  return { name, title, folder, file, path, threads: threads ?? engineThreads(statSync(path).size), isJudged: name !== 'tiny' }
}
