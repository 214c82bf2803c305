// Reads a regular expression into a tree, as far as a grammar can say it.
import { complementOf, setOf, unionOf } from './character-set.ts'
import type { CharacterSet } from './character-set.ts'

export type PatternNode =
  | { readonly type: 'characters', readonly set: CharacterSet }
  | { readonly type: 'sequence', readonly parts: readonly PatternNode[] }
  | { readonly type: 'choice', readonly parts: readonly PatternNode[] }
  | { readonly type: 'repeat', readonly part: PatternNode, readonly least: number, readonly most: number }
  /** `^` and `$`. */
  | { readonly type: 'anchor', readonly at: 'start' | 'end' }

const digit: CharacterSet = [[0x30, 0x39]]
const word: CharacterSet = [[0x30, 0x39], [0x41, 0x5A], [0x5F, 0x5F], [0x61, 0x7A]]
const space: CharacterSet = unionOf([[0x09, 0x0D], [0x2000, 0x200A]], setOf(' \u00A0\u1680\u2028\u2029\u202F\u205F\u3000\uFEFF'))
const anything = complementOf(setOf('\n\r\u2028\u2029'))
const classes: Record<string, CharacterSet> = { d: digit, D: complementOf(digit), w: word, W: complementOf(word), s: space, S: complementOf(space) }
const controls: Record<string, string> = { n: '\n', r: '\r', t: '\t', f: '\f', v: '\v' }

/** Thrown for what a grammar cannot say: look-around, back references, word boundaries, properties. */
class Unsayable extends Error {}

export class PatternReader {
  readonly #source: string[]
  #at = 0

  private constructor(pattern: string) {
    this.#source = Array.from(pattern)
  }

  /** Undefined when a grammar cannot say it. */
  static read(pattern: string): PatternNode | undefined {
    const reader = new PatternReader(pattern)
    try {
      const node = reader.#choice()
      return reader.#at === reader.#source.length ? node : undefined
    } catch (error) {
      if (error instanceof Unsayable) return undefined
      throw error
    }
  }

  #choice(): PatternNode {
    const parts = [this.#sequence()]
    while (this.#take('|')) parts.push(this.#sequence())
    return parts.length === 1 ? parts[0]! : { type: 'choice', parts }
  }

  #sequence(): PatternNode {
    const parts: PatternNode[] = []
    while (this.#at < this.#source.length && this.#next !== '|' && this.#next !== ')') parts.push(this.#repeated(this.#atom()))
    return { type: 'sequence', parts }
  }

  #repeated(part: PatternNode): PatternNode {
    const [least, most] = this.#quantifier() ?? [1, 1]
    if (least === 1 && most === 1) return part
    if (part.type === 'anchor') throw new Unsayable()
    this.#take('?')
    return { type: 'repeat', part, least, most }
  }

  #quantifier(): [number, number] | undefined {
    if (this.#take('*')) return [0, Infinity]
    if (this.#take('+')) return [1, Infinity]
    if (this.#take('?')) return [0, 1]
    const braces = /^\{(\d+)(,(\d*))?\}/.exec(this.#source.slice(this.#at, this.#at + 20).join(''))
    if (braces === null) return undefined
    this.#at += braces[0].length
    const least = Number(braces[1])
    return [least, braces[2] === undefined ? least : braces[3] === '' ? Infinity : Number(braces[3])]
  }

  #atom(): PatternNode {
    const character = this.#read()
    if (character === '^') return { type: 'anchor', at: 'start' }
    if (character === '$') return { type: 'anchor', at: 'end' }
    if (character === '(') return this.#group()
    if (character === '.') return { type: 'characters', set: anything }
    if (character === '[') return { type: 'characters', set: this.#class() }
    return { type: 'characters', set: character === '\\' ? this.#escape() : setOf([character]) }
  }

  #group(): PatternNode {
    if (this.#take('?') && !this.#take(':')) throw new Unsayable()
    const inside = this.#choice()
    if (!this.#take(')')) throw new Unsayable()
    return inside
  }

  #class(): CharacterSet {
    const isNegated = this.#take('^')
    const sets: CharacterSet[] = []
    while (!this.#take(']')) {
      const from = this.#classAtom()
      const isRange = this.#next === '-' && this.#source[this.#at + 1] !== ']'
      if (!isRange) {
        sets.push(from)
        continue
      }
      this.#read()
      sets.push(rangeOf(from, this.#classAtom()))
    }
    return isNegated ? complementOf(unionOf(...sets)) : unionOf(...sets)
  }

  #classAtom(): CharacterSet {
    const character = this.#read()
    return character === '\\' ? this.#escape() : setOf([character])
  }

  #escape(): CharacterSet {
    const character = this.#read()
    if (Object.hasOwn(classes, character)) return classes[character]!
    if (Object.hasOwn(controls, character)) return setOf([controls[character]!])
    if (character === 'x' || character === 'u') return this.#hex(character === 'x' ? 2 : 4)
    if (/[A-Za-z0-9]/.test(character)) throw new Unsayable()
    return setOf([character])
  }

  #hex(length: number): CharacterSet {
    const text = this.#source.slice(this.#at, this.#at + length).join('')
    if (text.length < length || !/^[\dA-Fa-f]+$/.test(text)) throw new Unsayable()
    this.#at += length
    return setOf([String.fromCodePoint(Number.parseInt(text, 16))])
  }

  get #next(): string | undefined {
    return this.#source[this.#at]
  }

  #read(): string {
    const character = this.#source[this.#at++]
    if (character === undefined) throw new Unsayable()
    return character
  }

  #take(character: string): boolean {
    const isThere = this.#next === character
    if (isThere) this.#at++
    return isThere
  }
}

function rangeOf(from: CharacterSet, to: CharacterSet): CharacterSet {
  const [first, last] = [from[0], to[0]]
  const areSingle = first?.[0] === first?.[1] && last?.[0] === last?.[1] && from.length === 1 && to.length === 1
  if (!areSingle || first![0] > last![0]) throw new Unsayable()
  return [[first![0], last![0]]]
}
