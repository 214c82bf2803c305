// One generation in one slot: the prompt in chunks, then token by token, with a look at the abort signal between.
import type { LlamaModel, SequenceEvaluateOptions, Token } from 'node-llama-cpp'
import type { FinishReason, InferenceEvent, InferenceRequest } from '../../../inference/request.ts'
import { Tail, decode } from './decode.ts'
import type { RenderedPrompt } from './prompt.ts'
import type { Slot } from './slots.ts'
import { StopTexts } from './stop-texts.ts'
import { TokenText } from './token-text.ts'

/** Prompt tokens evaluated between two looks at the signal. Smaller ones cost speed, larger ones make aborts slow. */
const chunkLength = 128

/** A seed of llama.cpp is 32 bits wide, and the highest value means "random". */
const seeds = 2 ** 32 - 1

export type Bounds = {
  /** Tokens of prompt and answer together. */
  readonly contextLength: number
  readonly maxTokens: number
  readonly temperature: number
}

export type GenerationInput = {
  readonly model: LlamaModel
  readonly slot: Slot
  readonly prompt: RenderedPrompt
  readonly request: InferenceRequest
  readonly bounds: Bounds
  readonly signal: AbortSignal
  /** Called after each piece of work, so that a supervisor sees it going on. */
  readonly onProgress: () => void
}

/** The events of the answer. Throws the signal's reason within one chunk or one token. */
export async function* generate(input: GenerationInput): AsyncGenerator<InferenceEvent, void> {
  const { model, slot, prompt, request, bounds, signal, onProgress } = input
  await evaluatePrompt(input)
  const { prefillTokens } = prompt
  const promptTokens = prompt.tokens.length - prefillTokens
  const answer = new AnswerText(model, [...request.stop, ...prompt.stopTexts], prompt.tokens.slice(promptTokens))
  const most = Math.min(request.maxTokens ?? bounds.maxTokens, bounds.maxTokens, bounds.contextLength - promptTokens)
  let made = prefillTokens
  let finish: FinishReason | undefined = made >= most ? 'length' : undefined
  if (finish) return yield* ending(promptTokens, made, finish)
  const tail = new Tail(prompt.tail)
  for await (const token of decode(slot.sequence, prompt.tokens.at(-1)!, samplingOf(request, bounds), prompt.tail, tail)) {
    onProgress()
    signal.throwIfAborted()
    if (model.isEogToken(token) || prompt.stopTokens.has(token)) break
    made++
    const text = tail.takeOff(answer.push(token))
    if (text !== '') yield { type: 'text', text }
    if (answer.isStopped) finish = 'stop'
    else if (made >= most) finish = 'length'
    if (finish) break
  }
  const rest = answer.end()
  if (rest !== '') yield { type: 'text', text: rest }
  yield* ending(promptTokens, made, finish ?? 'stop')
}

/** The given beginning of an answer counts as made: together they are the answer. */
function* ending(prompt_tokens: number, completion_tokens: number, reason: FinishReason): Generator<InferenceEvent> {
  yield { type: 'usage', usage: { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens } }
  yield { type: 'finish', reason }
}

/** Brings the slot to the prompt without its last token, which `evaluate` takes. What the slot already holds of it is reused. */
async function evaluatePrompt({ slot: { sequence }, prompt, signal, onProgress }: GenerationInput): Promise<void> {
  const known = prompt.tokens.slice(0, -1)
  // Without the false, tokens after an edit would be shifted instead of evaluated anew: another answer than a cold one.
  await sequence.adaptStateToTokens(known, false)
  while (sequence.nextTokenIndex < known.length) {
    signal.throwIfAborted()
    const start = sequence.nextTokenIndex
    await sequence.evaluateWithoutGeneratingNewTokens(known.slice(start, start + chunkLength))
    onProgress()
  }
  signal.throwIfAborted()
}

function samplingOf(request: InferenceRequest, bounds: Bounds): SequenceEvaluateOptions {
  return {
    temperature: request.temperature ?? bounds.temperature,
    topK: 40,
    topP: request.topP ?? 0.95,
    ...(request.seed !== undefined && { seed: ((request.seed % seeds) + seeds) % seeds })
  }
}

/** Tokens to the text that may be shown. */
class AnswerText {
  isStopped = false
  readonly #text: TokenText
  readonly #stops: StopTexts

  constructor(model: LlamaModel, stopTexts: readonly string[], before: readonly Token[]) {
    this.#text = new TokenText(model, before)
    this.#stops = new StopTexts(stopTexts)
  }

  push(token: Token): string {
    const { text, isStopped } = this.#stops.push(this.#text.push(token))
    this.isStopped = isStopped
    return text
  }

  /** The rest of an answer that did not end at a stop text. */
  end(): string {
    if (this.isStopped) return ''
    return this.#stops.push(this.#text.flush()).text + this.#stops.flush()
  }
}
