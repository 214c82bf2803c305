// What Ollama says about an error: flat text, or the JSON of its llama-server packed into that text.

export type Said = {
  /** What went wrong, in Ollama's words; may hold paths of its machine. */
  readonly text: string
  readonly type?: string | undefined
  readonly promptTokens?: number | undefined
  readonly contextLength?: number | undefined
}

/** Reads the `error` of a reply, or a whole body that may hold one. Never throws. */
export function said(error: unknown): Said {
  const value = typeof error === 'string' ? parsed(error) ?? error : error
  if (typeof value === 'string') return { text: value.trim() }
  if (typeof value !== 'object' || value === null) return { text: '' }
  const fields = value as Record<string, unknown>
  if (fields['error'] !== undefined) return said(fields['error'])
  return { text: string(fields['message']) ?? '', type: string(fields['type']), promptTokens: number(fields['n_prompt_tokens']), contextLength: number(fields['n_ctx']) }
}

/** True when the prompt did not fit into the context. */
export function isTooLong({ type, text }: Said): boolean {
  return type === 'exceed_context_size_error' || /(prompt|input length|request).*(longer than|exceeds) the (available )?context/i.test(text)
}

/** True when the model, or its context, did not fit into memory. */
export function isOutOfMemory({ text }: Said): boolean {
  return /out of memory|more (system |gpu )?memory|not enough memory|unable to load full model on gpu|(cudaMalloc|alloc\w*) failed|(failed|unable) to allocate/i.test(text)
}

/** True when the model runs without embeddings: a 501 of llama-server, a 400 of Ollama. */
export function isNoEmbeddings({ text }: Said): boolean {
  return /does not support embeddings?\b/i.test(text)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function string(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}
