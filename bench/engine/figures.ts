// The figures of one scenario: of each subject, for each quantity, one a round.
import { median, quantile } from '../support/statistics.ts'

/** The first is set beside the second. */
export type Pair = readonly [subject: string, reference: string]

type Series = { readonly subject: string, readonly quantity: string, readonly values: number[] }

/** Prints itself as a table of medians and, for what is compared, ratios of figures of one round. */
export class Figures {
  readonly #all: Series[] = []

  add(subject: string, quantity: string, value: number): void {
    const series = this.#find(subject, quantity)
    if (series === undefined) this.#all.push({ subject, quantity, values: [value] })
    else series.values.push(value)
  }

  /** Empty for a subject that was not measured. */
  of(subject: string, quantity: string): readonly number[] {
    return this.#find(subject, quantity)?.values ?? []
  }

  /** Round by round; empty when one of the two was not measured. */
  ratios(quantity: string, subject: string, reference: string): number[] {
    const references = this.of(reference, quantity)
    return references.length === 0 ? [] : this.of(subject, quantity).map((value, round) => value / references[round]!)
  }

  /** @param pairs subjects to set beside others, in quantities that both have */
  print(pairs: readonly Pair[]): void {
    const width = Math.max(...this.#all.map(({ subject }) => subject.length)) + 2
    for (const [quantity, series] of Map.groupBy(this.#all, (one) => one.quantity)) {
      console.log(`  ${quantity}`)
      for (const { subject, values } of series) console.log(`    ${subject.padEnd(width)}${spread(values)}  ${this.#comparison(quantity, subject, pairs)}`.trimEnd())
    }
  }

  /** For JSON. */
  toJSON(): readonly Series[] {
    return this.#all
  }

  #comparison(quantity: string, subject: string, pairs: readonly Pair[]): string {
    return pairs.flatMap(([own, reference]) => {
      const ratios = own === subject ? this.ratios(quantity, own, reference) : []
      return ratios.length > 0 ? [`${reference} x${spread(ratios).trimStart()}`] : []
    }).join(', ')
  }

  #find(subject: string, quantity: string): Series | undefined {
    return this.#all.find((series) => series.subject === subject && series.quantity === quantity)
  }
}

/** Median, and in brackets the least and the most. */
function spread(values: readonly number[]): string {
  return `${short(median(values)).padStart(7)} (${short(quantile(values, 0))} to ${short(quantile(values, 1))})`
}

/** Three digits that count. */
function short(value: number): string {
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2)
}
