// Sets of characters as ranges of code points, and how they stand in a grammar.

/** Ascending, without overlap; both ends included. */
export type CharacterSet = readonly (readonly [number, number])[]

const last = 0x10FFFF

/** What may stand in a JSON text as it is: no control character, quote or backslash, and nothing that UTF-8 cannot say. */
export const plainCharacters: CharacterSet = [[0x20, 0x21], [0x23, 0x5B], [0x5D, 0x7E], [0xA0, 0xD7FF], [0xE000, 0xFFFD], [0x10000, last]]

export function unionOf(...sets: readonly CharacterSet[]): CharacterSet {
  const union: [number, number][] = []
  for (const [from, to] of sets.flat().toSorted((a, b) => a[0] - b[0])) {
    const before = union.at(-1)
    if (before && from <= before[1] + 1) before[1] = Math.max(before[1], to)
    else union.push([from, to])
  }
  return union
}

export function complementOf(set: CharacterSet): CharacterSet {
  const starts = [0, ...set.map(([, to]) => to + 1)]
  const ends = [...set.map(([from]) => from - 1), last]
  return starts.map((from, index) => [from, ends[index]!] as const).filter(([from, to]) => from <= to)
}

export function intersectionOf(a: CharacterSet, b: CharacterSet): CharacterSet {
  return complementOf(unionOf(complementOf(a), complementOf(b)))
}

export function has(set: CharacterSet, codePoint: number): boolean {
  return set.some(([from, to]) => codePoint >= from && codePoint <= to)
}

export function setOf(characters: Iterable<string>): CharacterSet {
  return unionOf(Array.from(characters, (character) => [character.codePointAt(0)!, character.codePointAt(0)!] as const))
}

/** As a character class of a grammar; undefined for the empty set. */
export function classOf(set: CharacterSet): string | undefined {
  if (set.length === 0) return undefined
  return `[${set.map(([from, to]) => from === to ? escaped(from) : `${escaped(from)}-${escaped(to)}`).join('')}]`
}

function escaped(codePoint: number): string {
  const character = String.fromCodePoint(codePoint)
  if (/[A-Za-z0-9_]/.test(character)) return character
  const hex = codePoint.toString(16).toUpperCase()
  if (codePoint <= 0xFF) return `\\x${hex.padStart(2, '0')}`
  return codePoint <= 0xFFFF ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`
}
