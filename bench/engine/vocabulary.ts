// The vocabulary of switch-tiny, which every model of the benchmark speaks.
import { fileURLToPath } from 'node:url'
import { readGgufFileInfo } from 'node-llama-cpp'

export const tinyPath = fileURLToPath(new URL('../../models/switch-tiny.gguf', import.meta.url))

export type Vocabulary = {
  /** In the spelling of GPT-2, where Ġ is a space. */
  readonly tokens: readonly string[]
  readonly types: readonly number[]
  readonly merges: readonly string[]
  readonly startId: number
  readonly endId: number
  readonly chatTemplate: string
}

const normalType = 1

export async function readVocabulary(): Promise<Vocabulary> {
  const { metadata } = await readGgufFileInfo(tinyPath, { readTensorInfo: false, logWarnings: false })
  const { ggml, chat_template: chatTemplate } = metadata.tokenizer
  if (ggml.token_type === undefined || ggml.merges === undefined || chatTemplate === undefined) throw new Error('models/switch-tiny.gguf lacks a part of its tokenizer. Restore the file from the repository.')
  return {
    tokens: ggml.tokens as string[], types: ggml.token_type, merges: ggml.merges,
    startId: ggml.bos_token_id!, endId: ggml.eos_token_id!, chatTemplate: chatTemplate as string
  }
}

/** Words that are one token each after a space, for prompts of a known length. */
export function wordsOf({ tokens }: Vocabulary): string[] {
  return tokens.filter((token) => /^Ġ[a-z]{2,}$/.test(token)).map((token) => token.slice(1))
}

/**
 * True for tokens that an answer may consist of. Control tokens would end it, and a part of a character would be held
 * back until the rest comes, so that a token's text would arrive with another's.
 */
export function isSpeakable({ tokens, types }: Vocabulary, id: number): boolean {
  return types[id] === normalType && /^Ġ?[!-~]+$/.test(tokens[id] ?? '')
}
