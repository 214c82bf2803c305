// What a text of node-llama-cpp says, control tokens written out.
import { LlamaText, SpecialToken } from 'node-llama-cpp'

/** Tokens that have no text of their own, as the one that begins a text, are left out. */
export function plain(text: string | LlamaText): string {
  return LlamaText(text).values.map((value) => typeof value === 'string' ? value : value instanceof SpecialToken ? '' : value.value).join('')
}
