// How long to wait before an engine that failed is started again.

const firstMs = 500
const longestMs = 60_000

/** Milliseconds before the next start after `failures` in a row: none after the first, then doubling up to a minute. */
export function backoffMs(failures: number): number {
  return failures <= 1 ? 0 : Math.min(longestMs, firstMs * 2 ** (failures - 2))
}
