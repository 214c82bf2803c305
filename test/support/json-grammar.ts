// The grammars of JSON schemas under the real llama.cpp: what they accept, and what the embedded model says under them.
import assert from 'node:assert/strict'
import { LlamaGrammarEvaluationState, LlamaLogLevel, getLlama } from 'node-llama-cpp'
import type { Llama, LlamaContextSequence, LlamaModel, Token } from 'node-llama-cpp'
import { grammarOfSchema } from '../../src/backends/llama-cpp/engine/json-grammar/grammar-of-schema.ts'
import type { JsonSchema } from '../../src/inference/json-schema/schema.ts'
import { embeddedModel } from './engine.ts'

export function startLlama(): Promise<Llama> {
  return getLlama({ gpu: false, build: 'never', skipDownload: true, progressLogs: false, maxThreads: 1, logLevel: LlamaLogLevel.error })
}

/** Whether a whole text is one that a grammar allows. The library has it, but does not publish it. */
export async function accepts(llama: Llama, grammar: string, text: string): Promise<boolean> {
  const compiled = await llama.createGrammar({ grammar }) as unknown as Record<'_testText', (text: string) => boolean>
  return compiled['_testText'](text)
}

/** That the grammar of a schema allows the first texts and none of the others. */
export async function assertAccepts(llama: Llama, schema: JsonSchema, right: readonly string[], wrong: readonly string[]): Promise<void> {
  const { grammar } = grammarOfSchema(schema)
  const of = async (texts: readonly string[]) => Promise.all(texts.map(async (text) => [text, await accepts(llama, grammar, text)]))
  assert.deepEqual(await of(right), right.map((text) => [text, true]), `of ${JSON.stringify(schema)}`)
  assert.deepEqual(await of(wrong), wrong.map((text) => [text, false]), `of ${JSON.stringify(schema)}`)
}

export type Answer = { readonly text: string, readonly hasEnded: boolean }

/** The embedded model with one sequence, bare: no chat, no stop texts. */
export class GrammarModel {
  readonly llama: Llama
  readonly #model: LlamaModel
  readonly #sequence: LlamaContextSequence

  private constructor(llama: Llama, model: LlamaModel, sequence: LlamaContextSequence) {
    this.llama = llama
    this.#model = model
    this.#sequence = sequence
  }

  static async load(): Promise<GrammarModel> {
    const llama = await startLlama()
    const model = await llama.loadModel({ modelPath: embeddedModel })
    const context = await model.createContext({ contextSize: 2048, threads: 1, batchSize: 128 })
    return new GrammarModel(llama, model, context.getSequence())
  }

  async answer(grammar: string, { temperature, seed, maxTokens }: { temperature: number, seed: number, maxTokens: number }): Promise<Answer> {
    const grammarEvaluationState = new LlamaGrammarEvaluationState({ model: this.#model, grammar: await this.llama.createGrammar({ grammar }) })
    const prompt = this.#model.tokenize('<|im_start|>assistant\n', true)
    const tokens: Token[] = []
    await this.#sequence.clearHistory()
    for await (const token of this.#sequence.evaluate(prompt, { temperature, topK: 40, topP: 0.95, seed, grammarEvaluationState })) {
      tokens.push(token)
      if (tokens.length === maxTokens) break
    }
    return { text: this.#model.detokenize(tokens), hasEnded: tokens.length < maxTokens }
  }
}
