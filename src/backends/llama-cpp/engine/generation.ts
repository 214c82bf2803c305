// One generation in one slot: the prompt, then token by token, with a look at the abort signal between.
import type { LlamaGrammarEvaluationState, LlamaModel, Token } from 'node-llama-cpp'
import type { FinishReason, InferenceEvent, InferenceRequest } from '../../../inference/request.ts'
import { AnswerText } from './answer/answer-text.ts'
import type { Answer } from './answer/answer.ts'
import { DirectedAnswer } from './answer/directed-answer.ts'
import type { Batcher } from './batching/batcher.ts'
import { decodeDirected } from './decoding/decode-directed.ts'
import { decode, decodeTail } from './decoding/decode.ts'
import type { TakeToken } from './decoding/decode.ts'
import type { GuessCost } from './decoding/guess-cost.ts'
import { PromptLookup } from './decoding/lookup.ts'
import { samplingOf } from './decoding/sampling.ts'
import type { Sampling } from './decoding/sampling.ts'
import { Tail } from './decoding/tail.ts'
import type { RenderedPrompt } from './prompt/prompt.ts'
import type { Slot } from './slots.ts'

export type Bounds = {
  /** Tokens of prompt and answer together. */
  readonly contextLength: number
  readonly maxTokens: number
}

/** How a generation is to be decoded besides what its request says. */
export type DecodingHabits = { readonly temperature: number, readonly isDeterministic: boolean, readonly isSpeculative: boolean }

export type GenerationInput = {
  readonly model: LlamaModel
  /** Holds the prompt without its end. */
  readonly slot: Slot
  readonly batcher: Batcher
  readonly prompt: RenderedPrompt
  /** That end: one token or more, which the first step evaluates. */
  readonly rest: readonly Token[]
  /** What the prompt's plan wants the answer to follow, at its beginning. */
  readonly grammar: LlamaGrammarEvaluationState | undefined
  /** Tokens of the prompt that needed no evaluation. */
  readonly cachedTokens: number
  readonly request: InferenceRequest
  readonly bounds: Bounds
  readonly habits: DecodingHabits
  readonly isAlone: () => boolean
  /** Of the engine. */
  readonly guessCost: GuessCost
  readonly signal: AbortSignal
  /** Called after each token. */
  readonly onProgress: () => void
  /** Takes the events of the answer, in order. No generator: each layer of them delays the next token. */
  readonly emit: (event: InferenceEvent) => void
}

/** Throws the signal's reason within one step of decoding. */
export async function generate(input: GenerationInput): Promise<void> {
  const { model, prompt, bounds, request, signal, onProgress, emit } = input
  const most = Math.min(request.maxTokens ?? bounds.maxTokens, bounds.maxTokens, bounds.contextLength - promptTokensOf(input))
  let made = prompt.prefillTokens
  let finish: FinishReason | undefined = made >= most ? 'length' : undefined
  const { answer, decodeInto } = begin(input, most)
  if (finish) return end(input, answer, { made, finish })
  await decodeInto((token) => {
    onProgress()
    signal.throwIfAborted()
    if (model.isEogToken(token) || prompt.stopTokens.has(token)) return false
    made++
    for (const delta of answer.push(token)) emit(delta)
    if (answer.isStopped) finish = 'stop'
    else if (made >= most) finish = 'length'
    return finish === undefined
  })
  for (const delta of answer.end()) emit(delta)
  end(input, answer, { made, finish: finish ?? (answer.hasCalls ? 'tool_calls' : 'stop') })
}

function promptTokensOf({ prompt }: GenerationInput): number {
  return prompt.tokens.length - prompt.prefillTokens
}

/** The given beginning of an answer counts as made: together they are the answer. */
function end(input: GenerationInput, { reasoningTokens }: Answer, { made, finish }: { made: number, finish: FinishReason }): void {
  const prompt_tokens = promptTokensOf(input)
  input.emit({
    type: 'usage',
    usage: {
      prompt_tokens, completion_tokens: made, total_tokens: prompt_tokens + made,
      prompt_tokens_details: { cached_tokens: Math.min(input.cachedTokens, prompt_tokens) },
      ...reasoningTokens !== undefined && { completion_tokens_details: { reasoning_tokens: reasoningTokens } }
    }
  })
  input.emit({ type: 'finish', reason: finish })
}

type BegunAnswer = { readonly answer: Answer, readonly decodeInto: (take: TakeToken) => Promise<void> }

function begin(input: GenerationInput, mostTokens: number): BegunAnswer {
  const { model, prompt, rest, grammar, request, slot, batcher, habits } = input
  const tail = new Tail(prompt.tail)
  const common = { model, stopTexts: [...request.stop, ...prompt.stopTexts], before: prompt.tokens.slice(promptTokensOf(input)), tail }
  const said: Token[] = []
  const sampling = samplingOf(request, habits, { mostTokens, said: () => said })
  const remember = (take: TakeToken): TakeToken => sampling.repeatPenalty === undefined ? take : (token) => {
    said.push(token)
    return take(token)
  }
  if (prompt.plan === undefined) return { answer: new AnswerText(common), decodeInto: (take) => decodeText(input, { sampling, tail }, remember(take)) }
  const answer = new DirectedAnswer({ ...common, plan: prompt.plan, grammar, prefill: request.prefill ?? '', mostTokens })
  return { answer, decodeInto: (take) => decodeDirected({ slot, batcher, first: rest, sampling, answer, tail, given: prompt.given }, remember(take)) }
}

async function decodeText({ slot, batcher, prompt, rest, habits, isAlone, guessCost }: GenerationInput, { sampling, tail }: { sampling: Sampling, tail: Tail }, take: TakeToken): Promise<void> {
  // Guesses draw with other random numbers: the same seed would give another text now and then.
  const isGuessable = sampling.repeatPenalty === undefined && (sampling.temperature === 0 || !sampling.isRepeatable)
  const canGuess = habits.isSpeculative && !habits.isDeterministic && isGuessable && !slot.sequence.needsCheckpoints
  const lookup = canGuess ? new PromptLookup(prompt.tokens, guessCost) : undefined
  const decoding = { slot, batcher, sampling, lookup, isAlone, guessCost }
  const first = tail.isPassed ? rest : await decodeTail({ ...decoding, first: rest }, tail, take)
  if (first !== undefined) await decode({ ...decoding, first }, take)
}
