// What a backend of Ollama was configured with, and what every request says of it: another value would reload the model.

export type OllamaSettings = {
  /** Ollama's name of the model, with or without a tag. */
  readonly model: string
  /** Of its vectors; absent: the model itself is asked for them. */
  readonly embeddingModel?: string | undefined
  /** Tokens of prompt and answer together; the model is loaded with it. */
  readonly contextLength: number
  /** Tokens of an answer: the default and the bound. */
  readonly maxTokens: number
  /** For requests that name none. */
  readonly temperature: number
  /** Seconds that an idle model stays loaded; -1 for ever, 0 not at all. */
  readonly keepAliveSeconds: number
}

export type CommonBody = {
  model: string
  /** Both false: a prompt that is too long is refused and a full context ends the answer, instead of dropping text in silence. */
  truncate: false
  shift: false
  /** A number: as a string it would need a unit. */
  keep_alive: number
}

export function commonBody({ model, keepAliveSeconds }: OllamaSettings): CommonBody {
  return { model, truncate: false, shift: false, keep_alive: keepAliveSeconds }
}
