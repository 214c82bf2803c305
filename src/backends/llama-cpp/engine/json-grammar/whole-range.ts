// The whole numbers between two bounds, digit by digit.
import { choice, literal, sequence } from './expression.ts'
import type { Expression } from './expression.ts'

/** Those from `low` to `high`, neither below zero; undefined when there are none. */
export function magnitudesBetween(low: bigint, high: bigint): Expression | undefined {
  if (low > high) return undefined
  const parts: (Expression | undefined)[] = []
  const most = String(high).length
  for (let length = String(low).length; length <= most; length++) {
    const least = length === 1 ? 0n : 10n ** BigInt(length - 1)
    const from = low > least ? low : least
    const top = 10n ** BigInt(length) - 1n
    parts.push(ofOneLength(String(from), String(high < top ? high : top)))
  }
  return choice(parts)
}

/** Those from `low` to `high`, without `-0`. */
export function wholesBetween(low: bigint, high: bigint): Expression | undefined {
  const below = low < 0n ? sequence(literal('-'), magnitudesBetween(high < 0n ? -high : 1n, -low)) : undefined
  return choice([below, high < 0n ? undefined : magnitudesBetween(low > 0n ? low : 0n, high)])
}

/** Both have the same number of digits. */
function ofOneLength(low: string, high: string): Expression | undefined {
  const rest = low.length - 1
  const isFloor = /^0*$/.test(low.slice(1))
  const isCeiling = /^9*$/.test(high.slice(1))
  const [first, last] = [Number(low[0]), Number(high[0])]
  if (first === last && !(isFloor && isCeiling)) return sequence(literal(low[0]!), ofOneLength(low.slice(1), high.slice(1)))
  const from = isFloor ? first : first + 1
  const to = isCeiling ? last : last - 1
  return choice([
    isFloor ? undefined : sequence(literal(low[0]!), ofOneLength(low.slice(1), '9'.repeat(rest))),
    from > to ? undefined : sequence(digits(from, to), rest === 0 ? '""' : `[0-9]{${rest}}`),
    isCeiling ? undefined : sequence(literal(high[0]!), ofOneLength('0'.repeat(rest), high.slice(1)))
  ])
}

export function digits(from: number, to: number): Expression {
  return from === to ? literal(String(from)) : `[${from}-${to}]`
}
