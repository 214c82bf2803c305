// Renders a request with the model's own chat template into tokens.
import { LlamaText, SpecialToken, SpecialTokensText, resolveChatWrapper } from 'node-llama-cpp'
import type { ChatWrapper, LlamaModel, Token } from 'node-llama-cpp'
import type { InferenceRequest } from '../../../../inference/request.ts'
import { offeredTools, planOf } from '../answer/answer-plan.ts'
import type { AnswerPlan } from '../answer/answer-plan.ts'
import { beginFreely, beginUnderGrammar } from './answer-beginning.ts'
import type { AnswerBeginning } from './answer-beginning.ts'
import { chatFormatOf, withCalls } from './chat-format.ts'
import type { ChatFormat } from './chat-format.ts'
import { commonLength } from './common-length.ts'
import { functionsOf, historyOf } from './history.ts'
import { plain } from './plain-text.ts'
import { withSchemaHint } from './schema-hint.ts'
import { SystemTokens } from './system-tokens.ts'

/** Tokens of a prompt, and what is known of the answer to it. */
export type RenderedPrompt = AnswerBeginning & {
  /** How many of the tokens, at the beginning, any conversation with the same system prompt has. */
  readonly sharedTokens: number
  /** What ends the answer besides the model's own end-of-generation tokens. */
  readonly stopTokens: ReadonlySet<Token>
  readonly stopTexts: readonly string[]
  /** Undefined: the answer is free text. */
  readonly plan: AnswerPlan | undefined
}

type Opened = Pick<RenderedPrompt, 'stopTokens' | 'stopTexts'> & { readonly text: LlamaText }

/** Renders prompts for one model. */
export class PromptRenderer {
  readonly #model: LlamaModel
  readonly #wrapper: ChatWrapper
  /** Renders conversations with tools. */
  readonly #callWrapper: ChatWrapper
  readonly #format: ChatFormat
  readonly #isHermes: boolean
  readonly #systems = new SystemTokens((messages) => this.#open({ messages, stop: [] }).text.tokenize(this.#model.tokenizer))

  constructor(model: LlamaModel) {
    const { general, tokenizer } = model.fileInfo.metadata
    const template = tokenizer?.chat_template ?? ''
    this.#model = model
    this.#wrapper = resolveChatWrapper(model, { warningLogs: false })
    this.#callWrapper = withCalls(this.#wrapper, template)
    this.#format = chatFormatOf(this.#callWrapper, template, model)
    this.#isHermes = /hermes/i.test(`${general?.name} ${general?.basename}`)
  }

  /** The name of what renders the template, for the log. */
  get templateName(): string {
    return this.#wrapper.wrapperName
  }

  /**
   * The conversation with an open turn of the assistant at its end, which begins with `prefill`.
   * Only the template makes control tokens: a caller's `<|im_end|>` stays text.
   */
  render(request: InferenceRequest): RenderedPrompt {
    const { text, ...stops } = request.rawPrompt === undefined ? this.#open(request) : this.#openRaw(request.rawPrompt)
    const plan = planOf({ request, format: this.#format, isThinking: this.#isThinking(text) })
    const led = plan === undefined || plan.lead === '' ? text : LlamaText([text, new SpecialTokensText(plan.lead)])
    const opened = led.tokenize(this.#model.tokenizer)
    const isGrammarFirst = plan !== undefined && !plan.isFree && plan.beginning === ''
    const beginning = (isGrammarFirst ? beginUnderGrammar : beginFreely)(this.#model, { text: led, opened, prefill: request.prefill ?? '' })
    return { ...beginning, ...stops, plan, sharedTokens: this.#sharedTokens(request, opened) }
  }

  /** The beginning of every conversation with this system prompt. */
  systemTokens(system: string): Token[] {
    return this.#systems.of(system)
  }

  #open(request: InferenceRequest): Opened {
    const tools = offeredTools(request)
    const messages = this.#isHermes && tools.length === 0 ? withSchemaHint(request) : request.messages
    const hasCalls = tools.length > 0 || messages.some((message) => message.role === 'assistant' && message.toolCalls !== undefined)
    const { contextText, stopGenerationTriggers } = (hasCalls ? this.#callWrapper : this.#wrapper).generateContextState({
      chatHistory: historyOf(messages), ...tools.length > 0 && { availableFunctions: functionsOf(tools) }
    })
    const triggers = stopGenerationTriggers.map((trigger) => ({ text: plainText(trigger), tokens: trigger.tokenize(this.#model.tokenizer) }))
    return {
      text: contextText,
      stopTokens: new Set(triggers.flatMap(({ tokens }) => tokens.length === 1 ? tokens : [])),
      stopTexts: triggers.flatMap(({ text, tokens }) => text !== undefined && tokens.length > 1 ? [text] : [])
    }
  }

  /** Control tokens that stand in it count as such. An empty prompt is a text that begins. */
  #openRaw(prompt: string): Opened {
    const { bos, shouldPrependBosToken } = this.#model.tokens
    const beginning = bos !== null && (shouldPrependBosToken || prompt === '') ? [new SpecialToken('BOS')] : []
    return { text: LlamaText([...beginning, new SpecialTokensText(prompt)]), stopTokens: new Set(), stopTexts: [] }
  }

  #sharedTokens({ messages: [first] }: InferenceRequest, tokens: readonly Token[]): number {
    return first?.role === 'system' ? commonLength(this.systemTokens(first.content), tokens) : 0
  }

  /** Whether the template has opened a thought. */
  #isThinking(text: LlamaText): boolean {
    const { thought } = this.#format
    return thought !== undefined && plain(text).trimEnd().endsWith(thought.open)
  }
}

/** The trigger as text when it consists of text alone. */
function plainText({ values }: LlamaText): string | undefined {
  return values.every((value) => typeof value === 'string') ? values.join('') : undefined
}
