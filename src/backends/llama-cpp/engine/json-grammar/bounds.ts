// How far a grammar lets an answer go where its schema sets no end: a small model would ramble for ever.

export type GrammarBounds = {
  /** Characters of a text without `maxLength` or `pattern`; fewer within values of any kind. */
  readonly textLength: number
  /** Elements of an array without `maxItems`; half of it within another array, and so on. */
  readonly items: number
  /** Properties of an object beyond those that its schema names; fewer within arrays, as with `items`. */
  readonly extraProperties: number
  /** How often one path through an answer enters a schema that contains itself. */
  readonly recursion: number
  /** How deep a value of any kind is nested. */
  readonly anyDepth: number
  /** Repetitions of `*` and `+` in a pattern; fewer where they are nested. */
  readonly patternRepeats: number
}

export const defaultBounds: GrammarBounds = { textLength: 500, items: 32, extraProperties: 8, recursion: 8, anyDepth: 4, patternRepeats: 64 }

/** Never fewer than two, so that a list is a list. */
export function narrowed(bound: number, nesting: number): number {
  return Math.max(2, bound >> nesting)
}
