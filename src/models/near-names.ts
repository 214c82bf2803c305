// The names that somebody may have meant.

/** Those of `known` that differ from `name` by little, the most similar first. Letter case does not count. */
export function nearNames(name: string, known: readonly string[]): string[] {
  const asked = name.toLowerCase()
  const ranked = known.map((candidate) => ({ candidate, distance: distanceBetween(asked, candidate.toLowerCase()) }))
  const near = ranked.filter(({ candidate, distance }) => distance <= Math.max(2, Math.max(asked.length, candidate.length) / 3))
  return near.toSorted((a, b) => a.distance - b.distance).map(({ candidate }) => candidate)
}

/** Levenshtein's: letters to put in, take out or exchange. */
function distanceBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [line, letter] of [...a].entries()) {
    const next = [line + 1]
    for (let column = 1; column <= b.length; column++) {
      next.push(Math.min(next[column - 1]! + 1, row[column]! + 1, row[column - 1]! + Number(letter !== b[column - 1])))
    }
    row = next
  }
  return row[b.length]!
}
