// The bindings of node-llama-cpp and nothing else: a batch, a sample, the next batch. A process of its own.
import { getLlama, LlamaLogLevel } from 'node-llama-cpp'
import { createNativeSampler, nativeContextOf, samplerConfigOf, sequenceIdOf } from '../../src/backends/llama-cpp/engine/native.ts'

export type BindingsQuestion = { readonly depth: number, readonly tokens: number }
/** Tokens per second. */
export type BindingsAnswer = { readonly rate: number }

const [modelPath = '', threadsText = ''] = process.argv.slice(2)
const threads = Number(threadsText)

const llama = await getLlama({ gpu: false, build: 'never', skipDownload: true, progressLogs: false, maxThreads: threads, logLevel: LlamaLogLevel.error })
const model = await llama.loadModel({ modelPath })
const context = await model.createContext({ sequences: 1, contextSize: 2048, batchSize: 256, threads })
const sequence = context.getSequence()
const native = nativeContextOf(context)
const sampler = createNativeSampler(model)
sampler.applyConfig(samplerConfigOf(sequence, { temperature: 0 }))

process.on('message', async ({ depth, tokens }: BindingsQuestion) => {
  native.disposeSequence(sequenceIdOf(sequence))
  let token = await step(0, Array.from({ length: depth }, (_, index) => index + 1))
  const startedAt = performance.now()
  for (let made = 0; made < tokens; made++) token = await step(depth + made, [token])
  process.send!({ rate: tokens * 1000 / (performance.now() - startedAt) } satisfies BindingsAnswer)
})
process.once('disconnect', () => process.exit())
process.send!({})

/** @returns the token that follows. libuv has one thread here, as in an engine, and draws it as soon as the batch is done. */
async function step(position: number, tokens: readonly number[]): Promise<number> {
  native.initBatch(tokens.length)
  const [logits] = native.addToBatch(sequenceIdOf(sequence), position, Uint32Array.from(tokens), Uint32Array.of(tokens.length - 1))
  const [, token] = await Promise.all([native.decodeBatch(), native.sampleToken(logits!, sampler)])
  return token
}
