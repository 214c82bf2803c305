// Pieces of a grammar as text; undefined is the piece that nothing can match.

export type Expression = string

/** Matches the empty text. */
export const nothing: Expression = '""'

export function literal(text: string): Expression {
  const escaped = text.replace(/["\\]/g, '\\$&').replace(/\p{Cc}/gu, (control) => `\\x${control.charCodeAt(0).toString(16).padStart(2, '0')}`)
  return `"${escaped}"`
}

export function sequence(...parts: readonly (Expression | undefined)[]): Expression | undefined {
  if (parts.includes(undefined)) return undefined
  const said = parts.filter((part) => part !== nothing)
  return said.length === 0 ? nothing : said.join(' ')
}

export function choice(parts: readonly (Expression | undefined)[]): Expression | undefined {
  const possible = [...new Set(parts.filter((part) => part !== undefined))]
  if (possible.length === 0) return undefined
  return possible.length === 1 ? possible[0]! : `(${possible.join(' | ')})`
}

export function optional(part: Expression | undefined): Expression {
  return part === undefined || part === nothing ? nothing : `(${part})?`
}

/** llama.cpp refuses two thousand repetitions in one piece. */
const mostAtOnce = 1000

/** `least` to `most` times; what is optional is cut to a thousand. */
export function repeated(part: Expression | undefined, least: number, most: number): Expression | undefined {
  if (most < least) return undefined
  if (most === 0 || part === nothing) return nothing
  if (part === undefined) return least === 0 ? nothing : undefined
  const whole = Array.from({ length: Math.floor(least / mostAtOnce) }, () => `(${part}){${mostAtOnce}}`)
  const rest = least % mostAtOnce
  const spare = Math.min(most - least, mostAtOnce - 1)
  return sequence(...whole, rest === 0 ? nothing : `(${part}){${rest}}`, spare === 0 ? nothing : `(${part}){0,${spare}}`)
}
