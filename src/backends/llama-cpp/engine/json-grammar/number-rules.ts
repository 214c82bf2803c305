// Rules for numbers and whole numbers within their bounds.
import type { SchemaObject } from '../../../../inference/json-schema/schema.ts'
import { decimalsBetween } from './decimal-range.ts'
import type { Bound } from './decimal-range.ts'
import type { Expression } from './expression.ts'
import { anyInteger, anyNumber } from './json-text.ts'
import type { Place, SchemaRules } from './schema-rules.ts'
import { oneOfTexts } from './text-trie.ts'
import { wholesBetween } from './whole-range.ts'

/** Beyond it a number does not keep all its digits. */
const farthest = 1e15
/** As many multiples are told one by one. */
const mostMultiples = 1000

export function integerOf(schema: SchemaObject, place: Place, rules: SchemaRules): Expression | undefined {
  const { low, high } = boundsOf(schema)
  const least = BigInt(Math.ceil(low.value)) + (low.isExclusive && Number.isInteger(low.value) ? 1n : 0n)
  const most = BigInt(Math.floor(high.value)) - (high.isExclusive && Number.isInteger(high.value) ? 1n : 0n)
  const multiples = multiplesOf(schema.multipleOf, least, most)
  if (multiples !== undefined) return oneOfTexts(multiples)
  if (schema.multipleOf !== undefined) rules.leaveUnchecked(place, 'multipleOf')
  return isBounded(schema) ? wholesBetween(least, most) : rules.builder.addRule(anyInteger)
}

export function numberOf(schema: SchemaObject, place: Place, rules: SchemaRules): Expression | undefined {
  if (Number.isInteger(schema.multipleOf)) return integerOf(schema, place, rules)
  if (schema.multipleOf !== undefined) rules.leaveUnchecked(place, 'multipleOf')
  if (!isBounded(schema)) return rules.builder.addRule(anyNumber)
  const { low, high } = boundsOf(schema)
  return low.value > high.value ? undefined : decimalsBetween(low, high)
}

/** Undefined when they are too many, or not whole. */
function multiplesOf(step: unknown, least: bigint, most: bigint): string[] | undefined {
  if (typeof step !== 'number' || !Number.isInteger(step) || step < 1) return undefined
  const by = BigInt(step)
  const from = least / by - 2n
  const count = most / by - from + 2n
  if (count > mostMultiples) return undefined
  return Array.from({ length: Number(count) }, (_, index) => (from + BigInt(index)) * by).filter((value) => value >= least && value <= most).map(String)
}

function isBounded(schema: SchemaObject): boolean {
  return ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'].some((keyword) => schema[keyword] !== undefined)
}

/** The tighter of the inclusive and the exclusive one; where there is none, a far one. */
function boundsOf({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: SchemaObject): { low: Bound, high: Bound } {
  const low = tighter(minimum, exclusiveMinimum, (exclusive, inclusive) => exclusive >= inclusive)
  const high = tighter(maximum, exclusiveMaximum, (exclusive, inclusive) => exclusive <= inclusive)
  return {
    low: low ?? { value: Math.min(-farthest, 10 * (high?.value ?? 0)), isExclusive: false },
    high: high ?? { value: Math.max(farthest, 10 * (low?.value ?? 0)), isExclusive: false }
  }
}

function tighter(inclusive: unknown, exclusive: unknown, isTighter: (exclusive: number, inclusive: number) => boolean): Bound | undefined {
  if (typeof exclusive === 'number' && (typeof inclusive !== 'number' || isTighter(exclusive, inclusive))) return { value: exclusive, isExclusive: true }
  return typeof inclusive === 'number' ? { value: inclusive, isExclusive: false } : undefined
}
