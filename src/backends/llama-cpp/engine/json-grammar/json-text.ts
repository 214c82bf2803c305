// How values and marks of JSON stand in an answer: with one space or none behind a comma or a colon, never a new line.
import { plainCharacters, classOf } from './character-set.ts'
import { literal } from './expression.ts'

export const comma = '"," " "?'
export const colon = '":" " "?'
export const anyBoolean = '("true" | "false")'
export const anyInteger = '("0" | "-"? [1-9] [0-9]{0,14})'
/** At most fifteen digits before the point, so that none is lost. */
export const anyNumber = '"-"? ("0" | [1-9] [0-9]{0,14}) ("." [0-9]{1,12})? ([eE] [+-]? [0-9]{1,2})?'

/** One character of a text, however JSON writes it; surrogates only as a pair. */
export const character = [
  classOf(plainCharacters),
  String.raw`"\\" (["\\/bfnrt] | "u" ([0-9A-CE-Fa-ce-f] [0-9A-Fa-f]{3} | [Dd] [0-7] [0-9A-Fa-f]{2} | [Dd] [89ABab] [0-9A-Fa-f]{2} "\\u" [Dd] [C-Fc-f] [0-9A-Fa-f]{2}))`
].join(' | ')

/** The longest name that an object gets for a property that no schema names. */
export const longestKey = 40
export const anyKey = `"\\"" ${classOf(plainCharacters)}{1,${longestKey}} "\\""`

export function textOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(textOf).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  return `{${Object.entries(value).map(([key, inside]) => `${JSON.stringify(key)}: ${textOf(inside)}`).join(', ')}}`
}

/** In quotes. */
export function quoted(inside: string): string {
  return `${literal('"')} ${inside} ${literal('"')}`
}
