// What a message says in words.
import type { Message } from './request.ts'

/** Its text; of parts with pictures the texts, one below the other. */
export function textOf({ content }: Message): string {
  if (typeof content === 'string') return content
  return content.filter((part) => part.type === 'text').map(({ text }) => text).join('\n')
}
