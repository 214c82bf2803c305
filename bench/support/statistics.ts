// What the benchmarks say of many figures.

/** The value that a share `of` of all values do not exceed: 0.5 is the median. */
export function quantile(values: readonly number[], of: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(sorted.length * of) - 1))] ?? Number.NaN
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** How often each value occurs, most frequent first: `openai 12, local_hermes 3`. */
export function tally(values: readonly string[]): string {
  const counts = Map.groupBy(values, (value) => value)
  const sorted = [...counts].toSorted(([, a], [, b]) => b.length - a.length)
  return sorted.map(([value, { length }]) => `${value} ${length}`).join(', ') || 'none'
}
