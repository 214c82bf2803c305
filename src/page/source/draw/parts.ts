// Which backend spoke which part of an answer.
import type { Attempt } from '../../../inference/receipt.ts'

export type Part = { readonly backend: string, readonly text: string }

/** By the characters that the receipt counts for each attempt; what they do not cover goes to the last one. */
export function partsOf(text: string, attempts: readonly Pick<Attempt, 'backend' | 'chars'>[]): Part[] {
  const speakers = attempts.filter(({ chars }) => chars > 0)
  let at = 0
  return speakers.map(({ backend, chars }, index) => {
    const begin = at
    at = index === speakers.length - 1 ? text.length : at + chars
    return { backend, text: text.slice(begin, at) }
  })
}
