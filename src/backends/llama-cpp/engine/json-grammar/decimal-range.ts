// The decimal numbers between two bounds, digit by digit.
import { choice, literal, nothing, optional, sequence } from './expression.ts'
import type { Expression } from './expression.ts'
import { digits, magnitudesBetween } from './whole-range.ts'

export type Bound = { readonly value: number, readonly isExclusive: boolean }

/** A bound as it is written, without a sign. `fraction` has no zeros at its end. */
type Written = { readonly whole: bigint, readonly fraction: string, readonly isExclusive: boolean }

/** What is left of a bound at one place behind the point; undefined: no bound any more. */
type Rest = { readonly digits: string, readonly isExclusive: boolean } | undefined

/** Digits behind those that the bound has. */
const moreDigits = 6
const zero: Bound = { value: 0, isExclusive: false }

/** From `low` to `high`, without exponents; undefined when there is none. */
export function decimalsBetween(low: Bound, high: Bound): Expression | undefined {
  const below = low.value >= 0 ? undefined : magnitudes(high.value < 0 ? high : { value: 0, isExclusive: true }, low)
  return choice([
    sequence(literal('-'), below),
    high.value < 0 ? undefined : magnitudes(low.value < 0 ? zero : low, high)
  ])
}

function magnitudes(nearest: Bound, farthest: Bound): Expression | undefined {
  const [low, high] = [writtenOf(nearest), writtenOf(farthest)]
  if (low.whole > high.whole) return undefined
  const from = freed({ digits: low.fraction, isExclusive: low.isExclusive })
  const to = { digits: high.fraction, isExclusive: high.isExclusive }
  if (low.whole === high.whole) return sequence(literal(String(low.whole)), behindPoint(from, to))
  return choice([
    sequence(literal(String(low.whole)), behindPoint(from, undefined)),
    sequence(magnitudesBetween(low.whole + 1n, high.whole - 1n), behindPoint(undefined, undefined)),
    sequence(literal(String(high.whole)), behindPoint(undefined, to))
  ])
}

/** The point and what follows it, optional where the whole number alone is between the bounds. */
function behindPoint(low: Rest, high: Rest): Expression | undefined {
  const places = place(low, high, Math.max(low?.digits.length ?? 0, high?.digits.length ?? 0) + moreDigits)
  const fraction = places === undefined ? undefined : sequence(literal('.'), places)
  return mayEnd(low, high) ? optional(fraction) : fraction
}

/** At least one digit. */
function place(low: Rest, high: Rest, room: number): Expression | undefined {
  if (room === 0) return undefined
  if (low === undefined && high === undefined) return `[0-9]{1,${room}}`
  if (high?.digits === '') return !high.isExclusive && mayEnd(low, high) ? literal('0') : undefined
  const first = low === undefined ? -1 : Number(low.digits[0] ?? 0)
  const last = high === undefined ? 10 : Number(high.digits[0] ?? 0)
  if (first > last) return undefined
  if (first === last) return afterDigit(first, freed(restAfter(low)), restAfter(high), room)
  return choice([
    first < 0 ? undefined : afterDigit(first, freed(restAfter(low)), undefined, room),
    first + 1 > last - 1 ? undefined : sequence(digits(first + 1, last - 1), room === 1 ? nothing : `[0-9]{0,${room - 1}}`),
    last > 9 ? undefined : afterDigit(last, undefined, restAfter(high), room)
  ])
}

function afterDigit(digit: number, low: Rest, high: Rest, room: number): Expression | undefined {
  const more = place(low, high, room - 1)
  return sequence(literal(String(digit)), mayEnd(low, high) ? optional(more) : more)
}

/** True when zeros alone may follow. */
function mayEnd(low: Rest, high: Rest): boolean {
  const isHighEnough = low === undefined || (low.digits === '' && !low.isExclusive)
  return isHighEnough && !(high?.digits === '' && high.isExclusive)
}

function restAfter(bound: Rest): Rest {
  if (bound === undefined) return undefined
  return { ...bound, digits: bound.digits.slice(1) }
}

/** A lower bound that has been reached bounds no more. */
function freed(low: Rest): Rest {
  return low?.digits === '' && !low.isExclusive ? undefined : low
}

function writtenOf({ value, isExclusive }: Bound): Written {
  const magnitude = Math.abs(value)
  if (Number.isInteger(magnitude)) return { whole: BigInt(magnitude), fraction: '', isExclusive }
  const text = String(magnitude).includes('e') ? magnitude.toFixed(20) : String(magnitude)
  const [whole, fraction] = text.split('.') as [string, string]
  return { whole: BigInt(whole), fraction: fraction.replace(/0+$/, ''), isExclusive }
}
