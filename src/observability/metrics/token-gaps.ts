// A histogram of the times between two pieces of an answer. prom-client's takes a third of a microsecond a value, which a fast stream would feel.

/** Upper bounds in seconds. */
const boundsSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const boundsMs = boundsSeconds.map((seconds) => seconds * 1000)

const name = 'switch_attempt_inter_token_seconds'
const help = 'Time between two pieces of an answer, by backend'

/** The gaps of one answer. */
export class GapCounts {
  /** One more than there are bounds: the last is for what is longer. */
  readonly counts = new Uint32Array(boundsMs.length + 1)
  sumMs = 0
  #lastMs = -1

  /** @param nowMs when a piece came, on a clock that only grows */
  tokenArrived(nowMs: number): void {
    if (this.#lastMs >= 0) this.#add(nowMs - this.#lastMs)
    this.#lastMs = nowMs
  }

  #add(gapMs: number): void {
    let bucket = 0
    while (bucket < boundsMs.length && gapMs > boundsMs[bucket]!) bucket++
    this.counts[bucket]!++
    this.sumMs += gapMs
  }
}

type Series = { readonly counts: number[], sumMs: number }

/** Of all answers, by backend. */
export class TokenGaps {
  readonly #series = new Map<string, Series>()

  add(backend: string, { counts, sumMs }: GapCounts): void {
    const series = this.#series.get(backend) ?? { counts: Array.from({ length: counts.length }, () => 0), sumMs: 0 }
    this.#series.set(backend, series)
    for (const [bucket, count] of counts.entries()) series.counts[bucket]! += count
    series.sumMs += sumMs
  }

  /** In Prometheus' text format. */
  text(): string {
    const lines = [...this.#series].flatMap(([backend, series]) => linesOf(escaped(backend), series))
    return [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`, ...lines, ''].join('\n')
  }
}

function linesOf(backend: string, { counts, sumMs }: Series): string[] {
  let soFar = 0
  const buckets = [...boundsSeconds, '+Inf'].map((bound, bucket) => {
    soFar += counts[bucket]!
    return `${name}_bucket{le="${bound}",backend="${backend}"} ${soFar}`
  })
  return [...buckets, `${name}_sum{backend="${backend}"} ${sumMs / 1000}`, `${name}_count{backend="${backend}"} ${soFar}`]
}

function escaped(label: string): string {
  return label.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
