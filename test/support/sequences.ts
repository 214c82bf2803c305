// llama.cpp with the embedded model, bare: sequences to evaluate in, without the engine around them.
import { LlamaLogLevel, getLlama } from 'node-llama-cpp'
import type { Llama, LlamaContextSequence, LlamaModel, Token } from 'node-llama-cpp'
import { embeddedModel } from './engine.ts'

export type Sequences = { readonly llama: Llama, readonly model: LlamaModel, readonly sequences: LlamaContextSequence[] }

/** Whoever opens them disposes `llama`. */
export async function openSequences(count: number): Promise<Sequences> {
  const llama = await getLlama({ gpu: false, build: 'never', skipDownload: true, progressLogs: false, maxThreads: 1, logLevel: LlamaLogLevel.disabled })
  const model = await llama.loadModel({ modelPath: embeddedModel })
  const context = await model.createContext({ sequences: count, contextSize: 512, threads: 1 })
  return { llama, model, sequences: Array.from({ length: count }, () => context.getSequence()) }
}

/** Makes the sequence hold exactly these tokens, evaluated from the first one on. */
export async function hold(sequence: LlamaContextSequence, tokens: readonly Token[]): Promise<void> {
  await sequence.clearHistory()
  await sequence.evaluateWithoutGeneratingNewTokens([...tokens])
}

/** The most probable tokens after `tokens`; what the sequence holds of them is reused. */
export async function continuation(sequence: LlamaContextSequence, tokens: readonly Token[], count = 16): Promise<Token[]> {
  await sequence.adaptStateToTokens(tokens.slice(0, -1), false)
  const made: Token[] = []
  for await (const token of sequence.evaluate(tokens.slice(sequence.nextTokenIndex), { temperature: 0 })) {
    if (made.push(token) === count) break
  }
  return made
}
