// One generation in one slot: the prompt, then token by token, with a look at the abort signal between.
import type { LlamaModel, Token } from 'node-llama-cpp'
import type { FinishReason, InferenceEvent, InferenceRequest } from '../../../inference/request.ts'
import { AnswerText } from './answer-text.ts'
import { decode, decodeWithGrammar } from './decode.ts'
import type { DecodeInput } from './decode.ts'
import type { Intermission } from './intermission.ts'
import { lookAhead } from './look-ahead.ts'
import { PromptLookup } from './lookup.ts'
import type { RenderedPrompt } from './prompt.ts'
import { samplingOf } from './sampling.ts'
import type { Slot } from './slots.ts'
import { Tail } from './tail.ts'

export type Bounds = {
  /** Tokens of prompt and answer together. */
  readonly contextLength: number
  readonly maxTokens: number
}

/** How a generation is to be decoded besides what its request says. */
export type DecodingHabits = { readonly temperature: number, readonly isDeterministic: boolean, readonly isSpeculative: boolean }

export type GenerationInput = {
  readonly model: LlamaModel
  /** Holds the prompt without its last token. */
  readonly slot: Slot
  readonly prompt: RenderedPrompt
  /** Tokens of the prompt that needed no evaluation. */
  readonly cachedTokens: number
  readonly request: InferenceRequest
  readonly bounds: Bounds
  readonly habits: DecodingHabits
  readonly isAlone: () => boolean
  readonly intermission: Intermission
  readonly signal: AbortSignal
  /** Called after each token. */
  readonly onProgress: () => void
}

/** The events of the answer. Throws the signal's reason within one step of decoding. */
export async function* generate(input: GenerationInput): AsyncGenerator<InferenceEvent, void> {
  const { model, prompt, request, bounds, signal, onProgress } = input
  const promptTokens = prompt.tokens.length - prompt.prefillTokens
  const answer = new AnswerText(model, [...request.stop, ...prompt.stopTexts], prompt.tokens.slice(promptTokens))
  const most = Math.min(request.maxTokens ?? bounds.maxTokens, bounds.maxTokens, bounds.contextLength - promptTokens)
  let made = prompt.prefillTokens
  let finish: FinishReason | undefined = made >= most ? 'length' : undefined
  if (finish) return yield* ending(input, made, finish)
  const tail = new Tail(prompt.tail)
  for await (const token of lookAhead(tokensOf(input, tail), input.intermission, () => tail.isPassed && made + 1 < most)) {
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
  yield* ending(input, made, finish ?? 'stop')
}

/** The given beginning of an answer counts as made: together they are the answer. */
function* ending({ prompt, cachedTokens }: GenerationInput, completion_tokens: number, reason: FinishReason): Generator<InferenceEvent> {
  const prompt_tokens = prompt.tokens.length - prompt.prefillTokens
  yield { type: 'usage', usage: { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens, prompt_tokens_details: { cached_tokens: Math.min(cachedTokens, prompt_tokens) } } }
  yield { type: 'finish', reason }
}

/** Until the tail is passed, a grammar lets only tokens through that go on with it. */
async function* tokensOf(input: GenerationInput, tail: Tail): AsyncGenerator<Token, void> {
  const { slot, prompt, request, habits, isAlone } = input
  const sampling = samplingOf(request, habits)
  // Guesses draw with other random numbers: the same seed would give another text now and then.
  const canGuess = habits.isSpeculative && !habits.isDeterministic && (sampling.temperature === 0 || !sampling.isRepeatable) && !slot.sequence.needsCheckpoints
  const decoding: DecodeInput = { slot, first: prompt.tokens.at(-1)!, sampling, lookup: canGuess ? new PromptLookup(prompt.tokens) : undefined, isAlone }
  if (tail.isPassed) return yield* decode(decoding)
  let last = decoding.first
  for await (const token of decodeWithGrammar(decoding, await tail.grammar(slot.sequence.model))) {
    last = token
    yield token
    if (tail.isPassed) break
  }
  if (tail.isPassed) yield* decode({ ...decoding, first: last })
}
