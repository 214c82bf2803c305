// How an answer begins that goes on from a given text.
import { LlamaText } from 'node-llama-cpp'
import type { LlamaModel, Token } from 'node-llama-cpp'

export type AnswerBeginning = {
  /** The prompt's tokens, with those of the given text that are evaluated like it. */
  readonly tokens: Token[]
  /** How many of them, at the end, are the given text. */
  readonly prefillTokens: number
  /** The end of the given text, which is not among the tokens: the answer's own tokens must begin with it. */
  readonly tail: string
  /** Tokens of the tail that are to be decoded one by one, because the answer's grammar begins with them. */
  readonly given: readonly Token[]
}

/**
 * The last token of a text that was cut anywhere is seldom the one that the model would have chosen ("3, " ends with
 * a lone space, where the model wants " 4"): it is left out, and the answer must begin with its text.
 */
export function beginFreely(model: LlamaModel, { text, opened, prefill }: { readonly text: LlamaText, readonly opened: Token[], readonly prefill: string }): AnswerBeginning {
  if (prefill === '') return { tokens: opened, prefillTokens: 0, tail: '', given: [] }
  const tokens = LlamaText([text, prefill]).tokenize(model.tokenizer)
  const kept = tokens.slice(0, -1)
  const tail = model.detokenize(tokens.slice(-1), false, kept.slice(-8))
  // A token that holds only a part of a character has no text of its own.
  if (kept.length < opened.length || tail === '' || !prefill.endsWith(tail)) return { tokens, prefillTokens: tokens.length - opened.length, tail: '', given: [] }
  return { tokens: kept, prefillTokens: kept.length - opened.length, tail, given: [] }
}

/** A grammar knows only what was decoded under it. */
export function beginUnderGrammar(model: LlamaModel, { opened, prefill }: { readonly opened: Token[], readonly prefill: string }): AnswerBeginning {
  return { tokens: opened, prefillTokens: 0, tail: prefill, given: prefill === '' ? [] : model.tokenize(prefill) }
}
