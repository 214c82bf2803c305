// Spans of a file that travel side by side, each over a connection of its own.

/** `next` is the first byte that is still missing; `end` is the first byte behind the span. */
export type Span = { readonly start: number, next: number, readonly end: number }

export type Split = {
  /** No span is shorter, unless the file is. */
  readonly leastBytes: number
  readonly most: number
}

/** The spans of a file, in order and without a gap; none of them begun. */
export function spansOf(bytes: number, { leastBytes, most }: Split): Span[] {
  const count = Math.max(1, Math.min(most, Math.floor(bytes / leastBytes)))
  const edge = (index: number) => Math.floor(bytes * index / count)
  return Array.from({ length: count }, (_, index) => ({ start: edge(index), next: edge(index), end: edge(index + 1) }))
}

/** True when the spans are those of a file of this length. */
export function cover(spans: readonly Span[], bytes: number): boolean {
  const isInOrder = spans.every(({ start, next, end }, index) => start === (spans[index - 1]?.end ?? 0) && start <= next && next <= end)
  return isInOrder && spans.at(-1)?.end === bytes
}

export function bytesIn(spans: readonly Span[]): number {
  return spans.reduce((sum, { start, next }) => sum + next - start, 0)
}
