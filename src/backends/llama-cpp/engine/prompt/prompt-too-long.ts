// A prompt that does not fit: told with both numbers.

export class PromptTooLong extends Error {
  readonly promptTokens: number
  readonly contextLength: number

  constructor(promptTokens: number, contextLength: number) {
    super(`The prompt has ${promptTokens} tokens, but the context holds ${contextLength} with at least 1 for the answer. Shorten the prompt or raise HERMES_CONTEXT_LENGTH.`)
    this.promptTokens = promptTokens
    this.contextLength = contextLength
  }
}
