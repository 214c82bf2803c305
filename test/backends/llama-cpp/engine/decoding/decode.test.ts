import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { LlamaLogLevel, getLlama } from 'node-llama-cpp'
import type { Llama, LlamaContext, LlamaModel, SequenceEvaluateOptions, Token } from 'node-llama-cpp'
import { Batcher } from '../../../../../src/backends/llama-cpp/engine/batching/batcher.ts'
import { BatchScheduler } from '../../../../../src/backends/llama-cpp/engine/batching/batching.ts'
import { GuessCost } from '../../../../../src/backends/llama-cpp/engine/decoding/guess-cost.ts'
import { decode } from '../../../../../src/backends/llama-cpp/engine/decoding/decode.ts'
import type { Sampling } from '../../../../../src/backends/llama-cpp/engine/decoding/sampling.ts'
import { Slots } from '../../../../../src/backends/llama-cpp/engine/slots.ts'
import type { Slot } from '../../../../../src/backends/llama-cpp/engine/slots.ts'
import { embeddedModel } from '../../../../support/engine.ts'

const most = 60
const greedy: Sampling = { temperature: 0, topK: 40, topP: 0.95, seed: 1, isRepeatable: true }
const warm: Sampling = { ...greedy, temperature: 1, seed: 7 }

let llama: Llama
let model: LlamaModel
let context: LlamaContext
let slot: Slot
let batcher: Batcher

before(async () => {
  llama = await getLlama({ gpu: false, build: 'never', skipDownload: true, progressLogs: false, maxThreads: 1, logLevel: LlamaLogLevel.error })
  model = await llama.loadModel({ modelPath: embeddedModel })
  context = await model.createContext({ sequences: 1, contextSize: 512, batchSize: 128, threads: 1 })
  const slots = new Slots(context)
  slot = slots.all[0]!
  batcher = new Batcher({ context, slots, scheduler: new BatchScheduler({ slots: () => slots.all }) })
})

after(async () => {
  await batcher.close()
  await llama.dispose()
})

/** What the library itself makes of the prompt, in a context of its own. */
async function expected(prompt: readonly Token[], options: SequenceEvaluateOptions): Promise<Token[]> {
  const own = await model.createContext({ sequences: 1, contextSize: 512, batchSize: 128, threads: 1 })
  const tokens: Token[] = []
  for await (const token of own.getSequence().evaluate([...prompt], { ...options, yieldEogToken: true })) if (tokens.push(token) === most) break
  await own.dispose()
  return tokens
}

async function decoded(prompt: readonly Token[], sampling: Sampling): Promise<Token[]> {
  await batcher.change(() => slot.sequence.clearHistory())
  slot.phase = 'short prompt'
  const tokens: Token[] = []
  await decode({ slot, batcher, first: prompt, sampling, lookup: undefined, guessCost: new GuessCost(), isAlone: () => true }, (token) => tokens.push(token) < most)
  slot.phase = 'idle'
  return tokens
}

for (const [what, sampling] of [['greedy', greedy], ['drawn', warm]] as const) {
  test(`${what} tokens are those of node-llama-cpp's own evaluation, one answer after another in the same slot`, async () => {
    for (const text of ['Count from 1 to 20:', 'Once upon a time']) {
      const prompt = model.tokenize(text)
      assert.deepEqual(await decoded(prompt, sampling), await expected(prompt, sampling))
    }
  })
}

test('the same seed gives the same tokens again, whatever was drawn between', async () => {
  const prompt = model.tokenize('Once upon a time')
  const first = await decoded(prompt, warm)
  const other = await decoded(prompt, { ...warm, seed: 8 })
  assert.notDeepEqual(other, first)
  assert.deepEqual(await decoded(prompt, warm), first)
  assert.deepEqual(await decoded(prompt, { ...warm, seed: 0 }), await decoded(prompt, { ...warm, seed: 0 }))
})

test('penalties count what was said, as the library counts it', async () => {
  const prompt = model.tokenize('the red house and the red tree and the red')
  const penalised = (said: readonly Token[]): Sampling => ({ ...greedy, repeatPenalty: { penalty: 1, frequencyPenalty: 1.5, presencePenalty: 0.5, punishTokens: () => [...said], maxPunishTokens: most } })
  const said: Token[] = []
  const own = await model.createContext({ sequences: 1, contextSize: 512, batchSize: 128, threads: 1 })
  for await (const token of own.getSequence().evaluate([...prompt], { ...penalised(said), yieldEogToken: true, repeatPenalty: { ...penalised(said).repeatPenalty!, punishTokens: () => said } })) if (said.push(token) === most) break
  await own.dispose()
  const found = await decoded(prompt, penalised([]))
  assert.deepEqual(found, said)
  assert.notDeepEqual(found, await decoded(prompt, greedy))
})

test('the sequence holds the prompt and all that was said but the last', async () => {
  const prompt = model.tokenize('Count from 1 to 20:')
  const said = await decoded(prompt, greedy)
  assert.deepEqual(slot.sequence.contextTokens, [...prompt, ...said.slice(0, -1)])
})
