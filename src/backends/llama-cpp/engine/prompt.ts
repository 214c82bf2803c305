// Renders a conversation with the model's own chat template into tokens.
import { LlamaText, resolveChatWrapper } from 'node-llama-cpp'
import type { ChatHistoryItem, ChatWrapper, LlamaModel, Token } from 'node-llama-cpp'
import type { Message } from '../../../inference/request.ts'

/** System prompts whose tokens are remembered. */
const rememberedSystems = 16

/** Tokens of a prompt, and what ends the answer to it besides the model's own end-of-generation tokens. */
export type RenderedPrompt = {
  readonly tokens: Token[]
  /** How many of them, at the beginning, any conversation with the same system prompt has. */
  readonly sharedTokens: number
  /** How many of them, at the end, are the given beginning of the answer. */
  readonly prefillTokens: number
  /** The end of that beginning, which is not among the tokens: the answer's own tokens must begin with it. */
  readonly tail: string
  readonly stopTokens: ReadonlySet<Token>
  readonly stopTexts: readonly string[]
}

/** Renders prompts for one model. */
export class PromptRenderer {
  readonly #model: LlamaModel
  readonly #wrapper: ChatWrapper
  readonly #systemTokens = new Map<string, Token[]>()

  constructor(model: LlamaModel) {
    this.#model = model
    this.#wrapper = resolveChatWrapper(model, { warningLogs: false })
  }

  /** The name of what renders the template, for the log. */
  get templateName(): string {
    return this.#wrapper.wrapperName
  }

  /**
   * The conversation with an open turn of the assistant at its end, which begins with `prefill`.
   * Only the template makes control tokens: a caller's `<|im_end|>` stays text.
   */
  render(messages: readonly Message[], prefill = ''): RenderedPrompt {
    const { contextText, stopGenerationTriggers } = this.#wrapper.generateContextState({ chatHistory: historyOf(messages) })
    const triggers = stopGenerationTriggers.map((trigger) => ({ text: plainText(trigger), tokens: trigger.tokenize(this.#model.tokenizer) }))
    const opened = contextText.tokenize(this.#model.tokenizer)
    return {
      ...this.#begin(opened, contextText, prefill),
      sharedTokens: this.#sharedTokens(messages, opened),
      stopTokens: new Set(triggers.flatMap(({ tokens }) => tokens.length === 1 ? tokens : [])),
      stopTexts: triggers.flatMap(({ text, tokens }) => text !== undefined && tokens.length > 1 ? [text] : [])
    }
  }

  /** The beginning of every conversation with this system prompt. */
  systemTokens(system: string): Token[] {
    const known = this.#systemTokens.get(system)
    if (known !== undefined) return known
    const [one, other] = ['a', '7'].map((content) => this.#tokensOf([{ role: 'system', content: system }, { role: 'user', content }]))
    const tokens = one!.slice(0, commonLength(one!, other!))
    this.#systemTokens.set(system, tokens)
    const [oldest] = this.#systemTokens.keys()
    if (this.#systemTokens.size > rememberedSystems) this.#systemTokens.delete(oldest!)
    return tokens
  }

  #sharedTokens([first]: readonly Message[], tokens: readonly Token[]): number {
    return first?.role === 'system' ? commonLength(this.systemTokens(first.content), tokens) : 0
  }

  #tokensOf(messages: readonly Message[]): Token[] {
    return this.#wrapper.generateContextState({ chatHistory: historyOf(messages) }).contextText.tokenize(this.#model.tokenizer)
  }

  /**
   * The last token of a text that was cut anywhere is seldom the one that the model would have chosen ("3, " ends with
   * a lone space, where the model wants " 4"): it is left out, and the answer must begin with its text.
   */
  #begin(opened: Token[], contextText: LlamaText, prefill: string): Pick<RenderedPrompt, 'tokens' | 'prefillTokens' | 'tail'> {
    if (prefill === '') return { tokens: opened, prefillTokens: 0, tail: '' }
    const tokens = LlamaText([contextText, prefill]).tokenize(this.#model.tokenizer)
    const kept = tokens.slice(0, -1)
    const tail = this.#model.detokenize(tokens.slice(-1), false, kept.slice(-8))
    // A token that holds only a part of a character has no text of its own.
    if (kept.length < opened.length || tail === '' || !prefill.endsWith(tail)) return { tokens, prefillTokens: tokens.length - opened.length, tail: '' }
    return { tokens: kept, prefillTokens: kept.length - opened.length, tail }
  }
}

/** Ends with an open turn of the assistant. */
function historyOf(messages: readonly Message[]): ChatHistoryItem[] {
  return [...messages.map(toHistoryItem), { type: 'model', response: [] }]
}

function commonLength(one: readonly Token[], other: readonly Token[]): number {
  const different = one.findIndex((token, index) => token !== other[index])
  return different === -1 ? one.length : different
}

function toHistoryItem({ role, content }: Message): ChatHistoryItem {
  if (role === 'assistant') return { type: 'model', response: [content] }
  return { type: role, text: content }
}

/** The trigger as text when it consists of text alone. */
function plainText({ values }: LlamaText): string | undefined {
  return values.every((value) => typeof value === 'string') ? values.join('') : undefined
}
