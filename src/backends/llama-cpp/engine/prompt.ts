// Renders a conversation with the model's own chat template into tokens.
import { LlamaText, resolveChatWrapper } from 'node-llama-cpp'
import type { ChatHistoryItem, ChatWrapper, LlamaModel, Token } from 'node-llama-cpp'
import type { Message } from '../../../inference/request.ts'

/** Tokens of a prompt, and what ends the answer to it besides the model's own end-of-generation tokens. */
export type RenderedPrompt = {
  readonly tokens: Token[]
  readonly stopTokens: ReadonlySet<Token>
  readonly stopTexts: readonly string[]
}

/** Renders prompts for one model. */
export class PromptRenderer {
  readonly #model: LlamaModel
  readonly #wrapper: ChatWrapper

  constructor(model: LlamaModel) {
    this.#model = model
    this.#wrapper = resolveChatWrapper(model, { warningLogs: false })
  }

  /** The name of what renders the template, for the log. */
  get templateName(): string {
    return this.#wrapper.wrapperName
  }

  /** The conversation with an open turn of the assistant at its end. Only the template makes control tokens: a caller's `<|im_end|>` stays text. */
  render(messages: readonly Message[]): RenderedPrompt {
    const chatHistory = [...messages.map(toHistoryItem), { type: 'model' as const, response: [] }]
    const { contextText, stopGenerationTriggers } = this.#wrapper.generateContextState({ chatHistory })
    const triggers = stopGenerationTriggers.map((trigger) => ({ text: plainText(trigger), tokens: trigger.tokenize(this.#model.tokenizer) }))
    return {
      tokens: contextText.tokenize(this.#model.tokenizer),
      stopTokens: new Set(triggers.flatMap(({ tokens }) => tokens.length === 1 ? tokens : [])),
      stopTexts: triggers.flatMap(({ text, tokens }) => text !== undefined && tokens.length > 1 ? [text] : [])
    }
  }
}

function toHistoryItem({ role, content }: Message): ChatHistoryItem {
  if (role === 'assistant') return { type: 'model', response: [content] }
  return { type: role, text: content }
}

/** The trigger as text when it consists of text alone. */
function plainText({ values }: LlamaText): string | undefined {
  return values.every((value) => typeof value === 'string') ? values.join('') : undefined
}
