// Lines of text in columns.

/** @param rightAligned numbers of the columns that hold numbers, from 0 */
export function table(rows: readonly (readonly string[])[], rightAligned: readonly number[] = []): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const padded = (text: string, column: number) => rightAligned.includes(column) ? text.padStart(widths[column]!) : text.padEnd(widths[column]!)
  return rows.map((row) => row.map(padded).join('  ').trimEnd()).join('\n')
}
