// node-llama-cpp as its users write it: its own batching, one sequence a caller, `evaluate`. A process of its own.
import { getLlama, LlamaLogLevel } from 'node-llama-cpp'
import type { LlamaContextSequence } from 'node-llama-cpp'

export type DirectQuestion = { readonly id: number, readonly text: string, readonly maxTokens: number }
/** Times are milliseconds after the question was taken. */
export type DirectAnswer = { readonly id: number, readonly tokenTimes: number[], readonly promptTokens: number, readonly text: string }

const [modelPath = '', threadsText = '', sequencesText = ''] = process.argv.slice(2)
const threads = Number(threadsText)

const llama = await getLlama({ gpu: false, build: 'never', skipDownload: true, progressLogs: false, maxThreads: threads, logLevel: LlamaLogLevel.error })
const model = await llama.loadModel({ modelPath })
const context = await model.createContext({ sequences: Number(sequencesText), contextSize: 2048, threads })
const idle = Array.from({ length: context.totalSequences }, () => context.getSequence())

process.on('message', async (question: DirectQuestion) => {
  const sequence = idle.pop()!
  process.send!(await answer(question, sequence))
  idle.push(sequence)
})
process.once('disconnect', () => process.exit())
process.send!({})

async function answer({ id, text, maxTokens }: DirectQuestion, sequence: LlamaContextSequence): Promise<DirectAnswer> {
  const start = performance.now()
  const prompt = model.tokenize(text, true)
  await sequence.clearHistory()
  const tokenTimes: number[] = []
  const tokens = []
  for await (const token of sequence.evaluate(prompt, { temperature: 0 })) {
    tokens.push(token)
    if (tokenTimes.push(performance.now() - start) === maxTokens) break
  }
  return { id, tokenTimes, promptTokens: prompt.length, text: model.detokenize(tokens) }
}
