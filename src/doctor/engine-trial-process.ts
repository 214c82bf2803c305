// The child of engine-trial.ts: loads llama.cpp as the engine does, decodes a few tokens, tells what it found, and ends.
import { basename } from 'node:path'
import { LlamaLogLevel, getLlama } from 'node-llama-cpp'
import type { Llama, Token } from 'node-llama-cpp'
import { gpuOption } from '../backends/llama-cpp/engine/loading/gpu.ts'
import type { EngineOptions } from '../backends/llama-cpp/protocol.ts'
import { describeModel } from '../models/model-description.ts'
import type { EngineProof, FromTrial } from './engine-trial.ts'

const wantedTokens = 4

const [modelPath, gpu] = process.argv.slice(2) as [string, EngineOptions['gpu']]
const told: FromTrial = await prove().catch((error: unknown) => ({ error: (error as Error).message }))
// llama.cpp's threads do not all end by themselves.
process.send!(told, () => process.exit(0))

async function prove(): Promise<EngineProof> {
  // llama.cpp's library was seen to read for minutes in a file with a damaged header.
  await describeModel([modelPath])
  const llama = await getLlama({ gpu: gpuOption(gpu), build: 'never', skipDownload: true, progressLogs: false, maxThreads: 1, logLevel: LlamaLogLevel.error })
  const tokens = await decode(llama)
  return { tokens, cpuFeatures: featuresIn(llama.systemInfo), variant: loadedVariant() ?? null, gpu: llama.gpu || null }
}

async function decode(llama: Llama): Promise<number> {
  const model = await llama.loadModel({ modelPath })
  const context = await model.createContext({ sequences: 1, contextSize: 128, batchSize: 64, threads: 1, failedCreationRemedy: false })
  const tokens: Token[] = []
  // Also tokens that end an answer: it is the decoding that counts, not what is said.
  for await (const token of context.getSequence().evaluate(model.tokenize('The capital of France'), { temperature: 0, yieldEogToken: true })) {
    if (tokens.push(token) === wantedTokens) break
  }
  return tokens.length
}

/** `CPU : SSE3 = 1 | AVX2 = 1 | NEON = 0 |` */
function featuresIn(systemInfo: string): string[] {
  return [...systemInfo.matchAll(/(\w+) = 1\b/g)].map(([, name]) => name!)
}

function loadedVariant(): string | undefined {
  Object.assign(process.report, { excludeNetwork: true })
  const { sharedObjects = [] } = process.report.getReport() as { sharedObjects?: string[] }
  return sharedObjects.map((path) => /^(?:lib)?ggml-cpu-(\w[\w.]*?)\.(?:so|dll|dylib)/.exec(basename(path))?.[1]).find((name) => name !== undefined)
}
